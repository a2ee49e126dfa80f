import { Injectable } from '@nestjs/common';
import type { Scope } from '../../access/access.contract.js';
import { type KnownPerson, type PersonOrNew, People } from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import { CommandHandling, newId, type PendingDecision } from '../../../shared/event-sourcing/command-handling.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet } from '../../../shared/event-sourcing/append-condition.js';
import { beginWork } from '../../../shared/request-context/request-context.js';
import { InvitationQuotas, type QuotaUse } from './limits/invitation-quotas.js';
import { PreviewLimit, type Preview } from './limits/preview-limit.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/locales.js';
import type { EmailAddress } from '../../../shared/mail/email-address.js';
import { sealField } from '../../../shared/crypto/sealing.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { MailDispatcher } from '../../../shared/outbox/mail-dispatcher.js';
import type { ExpiryWindow } from '../domain/expiry-windows.js';
import { InvitationPreview, outcomeNow, describeOutcomes, type PreviewedOutcome } from './dry-run-preview.js';
import type { InvitationPolicy } from '../policy/invitation-policy.js';
import type { InvitationOptionsDto } from '../manage/invitation.dto.js';
import type { Grant, InvitationDomainEvent } from '../domain/invitation.events.js';
import { expireInvitation, issueInvitation } from '../domain/invitation.js';
import { invitationOf, membershipStream } from '../domain/membership-stream.js';
import {
  readRecipients,
  summarise,
  addressesToInvite,
  type Invitee,
  type RecipientOutcome,
  type PickedPerson,
} from './recipients.js';

/** The scope and grant of an authorised call. */
export interface AuthorisedInvitation {
  scope: Scope;
  grant: Grant;
  /** Whether the caller may see who is invited there. */
  identifies: boolean;
}

/**
 * Authorises the caller by what `reads` has. Called before any other work, and again for each append.
 * @throws RuleBroken
 */
export type AuthoriseInvitation = (reads: ReadSet) => Promise<AuthorisedInvitation>;

/** An invitation call. */
export interface InvitationCall {
  actor: string;
  emails: readonly string[];
  /** People picked besides the addresses; none unless given. */
  picks?: { count: number; find: (scope: Scope) => Promise<readonly PickedPerson[]> };
  window: ExpiryWindow;
  locale: string;
  message?: string | undefined;
  /** `atomic`: one bad address, and nothing is sent. */
  mode: 'partial' | 'atomic';
  /** The same answer, but nothing is stored or sent and no person is recorded. */
  dryRun: boolean;
}

/** The call's options, with defaults where it says nothing. */
export function optionsFrom(
  policy: InvitationPolicy,
  dto: InvitationOptionsDto & { expiresIn?: ExpiryWindow },
): Pick<InvitationCall, 'window' | 'locale' | 'message' | 'mode' | 'dryRun'> {
  const { expiresIn = policy.defaultWindow, locale = DEFAULT_LOCALE, message, mode = 'partial', dryRun = false } = dto;
  return { window: expiresIn, locale, message, mode, dryRun };
}

export interface InvitationResult extends PreviewedOutcome {
  /** Absent for a picked person whom the caller may not see. */
  email?: string;
  personId?: string;
}

export interface InvitationAnswer {
  results: InvitationResult[];
  summary: Record<RecipientOutcome, number>;
}

/** Addresses in one chunk: some milliseconds of sealing and hashing, which block the event loop. */
const CHUNK = 100;
/**
 * Chunks in flight: the server works at one while the next is prepared. The embedded database runs in this process and
 * has one connection.
 */
const CHUNKS_AT_ONCE = { embedded: 1, server: 3 };

/** Invites many addresses in one call; each gets its own outcome. The answer comes when everything is stored. */
@Injectable()
export class InvitePeople {
  constructor(
    private readonly commandHandling: CommandHandling,
    private readonly people: People,
    private readonly invitationPreview: InvitationPreview,
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly dispatcher: MailDispatcher,
    private readonly quotas: InvitationQuotas,
    private readonly previews: PreviewLimit,
  ) {}

  /**
   * @param authorise is called for each append, so that a right that ends meanwhile ends the call
   * @throws RuleBroken `atomic-refused` with every row's outcome, or `quota-exceeded`, and nothing stored; what
   * `authorise` throws, with what was stored before
   */
  async invite(
    policy: InvitationPolicy,
    call: InvitationCall,
    authorise: AuthoriseInvitation,
  ): Promise<InvitationAnswer> {
    const quota = this.quotas.forCall(call.actor);
    try {
      const answer = await this.inviteWithin(quota, policy, call, authorise);
      await quota.finish(invitedIn(answer));
      return answer;
    } catch (error) {
      // After an unknown outcome the whole count stays, because everything may be stored.
      if (error instanceof RuleBroken) await quota.finish(invitedIn(error.details));
      throw error;
    }
  }

  private async inviteWithin(
    quota: QuotaUse,
    policy: InvitationPolicy,
    call: InvitationCall,
    authorise: AuthoriseInvitation,
  ): Promise<InvitationAnswer> {
    if (call.emails.length + (call.picks?.count ?? 0) === 1)
      return this.commandHandling.retrying(async (reads) => this.inviteOne(quota, policy, call, authorise, reads), {
        cached: true,
      });
    const { recipients, previewed, scope } = await this.commandHandling.retrying(async (reads) =>
      this.preview(policy, call, await authorise(reads)),
    );
    if (call.dryRun) return previewed ?? answerOf(recipients, new Map());
    const addresses = addressesToInvite(recipients);
    await quota.take(scope.organisation?.id ?? null, addresses.length);
    const issued = new Map<EmailAddress, PreviewedOutcome>();
    const issue = async (): Promise<void> => this.issue(policy, call, authorise, addresses, issued);
    try {
      await (addresses.length > CHUNK ? this.dispatcher.pauseDuring(issue) : issue());
    } catch (error) {
      throw error instanceof RuleBroken && issued.size > 0 ? stoppedAt(error, recipients, issued) : error;
    }
    return answerOf(recipients, issued);
  }

  private async inviteOne(
    quota: QuotaUse,
    policy: InvitationPolicy,
    call: InvitationCall,
    authorise: AuthoriseInvitation,
    reads: ReadSet,
  ): Promise<InvitationAnswer> {
    const authorised = await authorise(reads);
    const { recipients, previewed } = await this.preview(policy, call, authorised);
    if (call.dryRun && previewed) return previewed;
    const addresses = addressesToInvite(recipients);
    await quota.take(authorised.scope.organisation?.id ?? null, addresses.length);
    const resolved = await this.people.resolve(addresses);
    return answerOf(recipients, new Map(await this.issueTo(policy, call, authorised, resolved, reads)));
  }

  /**
   * The call's recipients and, where it asks for one, a preview of their outcomes.
   * @throws RuleBroken `atomic-refused`
   */
  private async preview(
    policy: InvitationPolicy,
    call: InvitationCall,
    { scope, identifies }: AuthorisedInvitation,
  ): Promise<{ recipients: Invitee[]; scope: Scope; previewed?: InvitationAnswer }> {
    beginWork(identifies);
    const recipients = await readRecipients(call.emails, (await call.picks?.find(scope)) ?? []);
    if (!call.dryRun && call.mode !== 'atomic') return { recipients, scope };
    const addresses = addressesToInvite(recipients);
    const preview: Preview = { kind: call.dryRun ? 'dry-run' : 'atomic-call', actor: call.actor, scope };
    if (call.dryRun) await this.previews.count(preview, addresses);
    const previewed = answerOf(
      recipients,
      await this.invitationPreview.of(policy, { actor: call.actor, scope, identifies }, addresses),
    );
    const refused =
      call.mode === 'atomic' &&
      previewed.results.some(({ outcome }) => outcome === 'invalid-email' || outcome === 'not-allowed');
    // A refused atomic call shows every outcome and invites nobody, so it counts as a dry run.
    if (refused && !call.dryRun) await this.previews.count(preview, addresses);
    if (refused || call.dryRun) this.previews.note(preview, recipients.length, previewed.summary);
    if (refused) throw new RuleBroken('atomic-refused', { ...previewed });
    return { recipients, scope, previewed };
  }

  /**
   * Issues invitations in chunks, each authorised by itself, so that other requests are served meanwhile.
   * @param issued collects the outcome of each address that was reached
   */
  private async issue(
    policy: InvitationPolicy,
    call: InvitationCall,
    authorise: AuthoriseInvitation,
    addresses: readonly EmailAddress[],
    issued: Map<EmailAddress, PreviewedOutcome>,
  ): Promise<void> {
    let at = 0;
    const work = async (): Promise<void> => {
      while (at < addresses.length) {
        const some = addresses.slice(at, at + CHUNK);
        at += CHUNK;
        const attempt = async (reads: ReadSet) =>
          this.issueTo(policy, call, await authorise(reads), await this.people.resolve(some), reads);
        for (const [email, previewed] of await this.commandHandling.retrying(attempt, { cached: true }))
          issued.set(email, previewed);
      }
    };
    // When one chunk fails, the others finish, so that nothing is stored after the answer.
    const ends = await Promise.allSettled(
      Array.from({ length: CHUNKS_AT_ONCE[this.database.mode] }, async () =>
        work().catch((error: unknown) => {
          at = addresses.length;
          throw error;
        }),
      ),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  private async issueTo(
    policy: InvitationPolicy,
    call: InvitationCall,
    authorised: AuthorisedInvitation,
    people: readonly PersonOrNew[],
    reads: ReadSet,
  ): Promise<[EmailAddress, PreviewedOutcome][]> {
    const { scope, grant } = authorised;
    const eventContext = {
      actor: call.actor,
      scope: { kind: scope.kind, id: scope.id },
      organisationId: scope.organisation?.id ?? null,
    };
    const pending: PendingDecision[] = people.map((person) => {
      const stream = membershipStream(policy.kind, scope, person.personId);
      return {
        stream,
        eventContext,
        companionRow: person.newPersonRow,
        decide: (history, idOf) => this.decide(policy, call, grant, person, stream, history, idOf),
        onlyIf: reads,
      };
    });
    const results = await this.commandHandling.decideMany(pending);
    const takenForNew: EmailAddress[] = [];
    const present: [EmailAddress, ReturnType<typeof outcomeNow>][] = [];
    const issued = people.flatMap(({ email, personId }, index): [EmailAddress, PreviewedOutcome][] => {
      const outcome = results[index];
      if (!outcome || outcome instanceof RuleBroken) throw outcome ?? new TypeError('one stream, one outcome');
      if (outcome.isKnown) {
        takenForNew.push(email);
        return [];
      }
      const domainEvent = outcome.domainEvents.find(({ type }) => type === 'InvitationIssued');
      if (domainEvent)
        return [
          [email, { outcome: 'invited', invitationId: (domainEvent as InvitationDomainEvent).data.invitationId }],
        ];
      present.push([email, outcomeNow(policy, outcome.history, personId === call.actor, this.clock.now())]);
      return [];
    });
    const described = await describeOutcomes(
      policy,
      { ...authorised, actor: call.actor },
      present.map(([, outcome]) => outcome),
    );
    issued.push(
      ...described.flatMap((previewed, n): [EmailAddress, PreviewedOutcome][] =>
        present[n] ? [[present[n][0], previewed]] : [],
      ),
    );
    if (takenForNew.length === 0) return issued;
    return [
      ...issued,
      ...(await this.issueTo(policy, call, authorised, await this.people.resolve(takenForNew, true), reads)),
    ];
  }

  private decide(
    policy: InvitationPolicy,
    call: InvitationCall,
    grant: Grant,
    person: KnownPerson,
    stream: string,
    history: readonly StoredEvent[],
    idOf: (index: number) => string,
  ) {
    const now = this.clock.now();
    if (outcomeNow(policy, history, person.personId === call.actor, now).outcome !== 'invited') return [];
    const before = invitationOf(history);
    // An expired invitation that isn't recorded yet is recorded before the new one on the stream.
    const expired = expireInvitation(before, now);
    const message =
      call.message && sealField(person, { stream, eventId: idOf(expired.length), field: 'message' }, call.message);
    const offer = {
      invitationId: newId(stream),
      personId: person.personId,
      grant,
      window: call.window,
      locale: call.locale,
      ...(message ? { message } : {}),
    };
    return [...expired, ...issueInvitation(before, offer, now)];
  }
}

/** The number of addresses that the answer says were invited. */
function invitedIn({ summary }: { summary?: Partial<Record<RecipientOutcome, number>> | object }): number {
  return (summary as Partial<Record<RecipientOutcome, number>> | undefined)?.invited ?? 0;
}

/** The refusal of a call that stopped early, with the outcomes of those reached and the number of the others. */
function stoppedAt(
  { code, details }: RuleBroken,
  recipients: readonly Invitee[],
  issued: ReadonlyMap<EmailAddress, PreviewedOutcome>,
): RuleBroken {
  const reached = recipients.filter(
    ({ address, outcome }) => outcome !== undefined || (address !== null && issued.has(address)),
  );
  return new RuleBroken(code, {
    ...details,
    ...answerOf(reached, issued),
    notReached: recipients.length - reached.length,
  });
}

function answerOf(
  recipients: readonly Invitee[],
  outcomes: ReadonlyMap<EmailAddress, PreviewedOutcome>,
): InvitationAnswer {
  const results = recipients.map(({ address, outcome, ...named }): InvitationResult => {
    if (outcome || !address) return { ...named, outcome: outcome ?? 'invalid-email' };
    return { ...named, ...(outcomes.get(address) ?? { outcome: 'invited' }) };
  });
  return { results, summary: summarise(results) };
}
