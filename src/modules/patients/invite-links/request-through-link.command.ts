import { setTimeout } from 'node:timers/promises';
import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type AuthoriseInvitation, InvitePeople, Subscriptions } from '../../invitations/invitations.contract.js';
import { People } from '../../people/people.contract.js';
import { untilBeat } from '../../../shared/http/beat.js';
import { normaliseEmail, type EmailAddress } from '../../../shared/mail/email-address.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { PatientInvitationPolicy } from '../invitations/patient-invitation.policy.js';
import { PatientLinks } from './patient-links.js';
import { RequestLimits } from './request-limits.js';

/** The holder of a patient link asks for an invitation. `origin` is as `originOf` makes it. */
export class RequestThroughLink extends Command<void> {
  constructor(
    readonly token: string,
    readonly email: string,
    readonly origin: string,
  ) {
    super();
  }
}

/** Source: docs/domain.md §8.2 */
const WINDOW = '24h';
/**
 * Answers leave on this beat, which is longer than any case takes. So the time of an answer doesn't reveal whether an
 * address is known.
 */
const BEAT_MS = 300;

/**
 * Sends an ordinary invitation by mail, which alone enrols. A pending invitee or a member gets none, and the answer is
 * the same.
 */
@CommandHandler(RequestThroughLink)
export class RequestThroughLinkHandler implements ICommandHandler<RequestThroughLink> {
  constructor(
    private readonly links: PatientLinks,
    private readonly limits: RequestLimits,
    private readonly invitePeople: InvitePeople,
    private readonly patientInvitationPolicy: PatientInvitationPolicy,
    private readonly people: People,
    private readonly subscriptions: Subscriptions,
  ) {}

  async execute({ token, email, origin }: RequestThroughLink): Promise<void> {
    const { scope, locale } = await this.links.open(token);
    if (scope.archived) throw new RuleBroken('scope-archived');
    const address = normaliseEmail(email);
    if (!address)
      throw new RuleBroken('invalid-input', {
        errors: [{ field: 'email', message: 'email must be an e-mail address' }],
      });
    await this.limits.count(origin, address, scope.organisation?.id ?? '');
    const call = { actor: SYSTEM, emails: [address], window: WINDOW, locale, mode: 'partial', dryRun: false } as const;
    const authorise: AuthoriseInvitation = async (reads) => {
      const link = await this.links.open(token, reads);
      if (link.scope.archived) throw new RuleBroken('scope-archived');
      // The caller may not see outcomes.
      return { scope: link.scope, grant: { linkId: link.id }, identifies: false };
    };
    await onTheBeat(async () => {
      await this.resubscribe(address, scope.organisation?.id ?? null);
      await this.invitePeople.invite(this.patientInvitationPolicy, call, authorise).catch(asTooMany);
    });
  }

  /** A person who asks for a mail wants it. */
  private async resubscribe(address: EmailAddress, organisationId: string | null): Promise<void> {
    const person = (await this.people.find([address])).get(address);
    if (person) await this.subscriptions.end(person.personId, organisationId, 'asked');
  }
}

/** Ends on the next beat after the work, whether it succeeded or was refused. Longer work ends on a later beat. */
async function onTheBeat(work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now();
  try {
    await work();
  } finally {
    await setTimeout(untilBeat(performance.now() - begun, BEAT_MS));
  }
}

/** Hides how much of its quota the organisation has left, because the link's holder may not know it. */
function asTooMany(error: unknown): never {
  if (error instanceof RuleBroken && error.code === 'quota-exceeded')
    throw new RuleBroken('too-many-requests', { retryAfter: error.details.retryAfter ?? 1 });
  throw error;
}
