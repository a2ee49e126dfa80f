import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type AuthoriseInvitation,
  InvitationPolicies,
  InvitePeople,
  Subscriptions,
} from '../../invitations/invitations.contract.js';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import { People } from '../../people/people.contract.js';
import { onTheBeat } from '../../../shared/http/beat.js';
import { FIELD_MESSAGES } from '../../../shared/http/field-messages.js';
import { normaliseEmail, type EmailAddress } from '../../../shared/mail/email-address.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { PatientLinks } from './patient-links.js';
import { RequestLimits } from './request-limits.js';

/** Sends an invitation to a person who asks for one through a patient link. `origin` is as `originOf` makes it. */
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
 * Each answer waits for the next multiple of this time, which is longer than any request takes. So its time doesn't
 * reveal whether an address is known.
 */
const BEAT_MS = 300;

/**
 * Mails an ordinary invitation; only accepting it enrols the person. People with a pending invitation or an enrolment
 * get no mail, but the same answer.
 */
@CommandHandler(RequestThroughLink)
export class RequestThroughLinkHandler implements ICommandHandler<RequestThroughLink> {
  constructor(
    private readonly links: PatientLinks,
    private readonly limits: RequestLimits,
    private readonly invitePeople: InvitePeople,
    private readonly policies: InvitationPolicies,
    private readonly people: People,
    private readonly subscriptions: Subscriptions,
    private readonly commandHandling: CommandHandling,
  ) {}

  async execute({ token, email, origin }: RequestThroughLink): Promise<void> {
    const { scope, locale } = await this.links.open(token);
    if (scope.archived) throw new RuleBroken('scope-archived');
    const address = normaliseEmail(email);
    if (!address)
      throw new RuleBroken('invalid-input', {
        errors: [{ field: 'email', message: FIELD_MESSAGES.email }],
      });
    await this.limits.count(origin, address, scope.organisation?.id ?? '');
    const call = { actor: SYSTEM, emails: [address], window: WINDOW, locale, mode: 'partial', dryRun: false } as const;
    const authorise: AuthoriseInvitation = async (reads) => {
      const link = await this.links.open(token, reads);
      if (link.scope.archived) throw new RuleBroken('scope-archived');
      // `identifies` is false, because the caller may not see outcomes.
      return { scope: link.scope, grant: { linkId: link.id }, identifies: false };
    };
    await onTheBeat(BEAT_MS, async () => {
      await this.resubscribe(address, scope.organisation?.id ?? null);
      await this.invitePeople.invite(this.policies.of('patient'), call, authorise).catch(asTooMany);
      this.commandHandling.appends.mustNotFail();
    });
  }

  /** Ends an unsubscription, because a person who asks for a mail wants it. */
  private async resubscribe(address: EmailAddress, organisationId: string | null): Promise<void> {
    const person = (await this.people.find([address])).get(address);
    if (person) await this.subscriptions.end(person.personId, organisationId, 'asked');
  }
}

/** Hides how much of its quota the organisation has left, because the link's holder may not know it. */
function asTooMany(error: unknown): never {
  if (error instanceof RuleBroken && error.code === 'quota-exceeded')
    throw new RuleBroken('too-many-requests', { retryAfter: error.details.retryAfter ?? 1 });
  throw error;
}
