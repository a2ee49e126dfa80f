import { INVITATION_TUNING } from '../tuning.js';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Scope } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { type KnownPerson, People } from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import { CommandHandling, newId, type PendingDecision } from '../../../shared/event-sourcing/command-handling.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet } from '../../../shared/event-sourcing/append-condition.js';
import { BatchRecorder } from '../batches/batch-recorder.js';
import { beginWork, requireContext } from '../../../shared/request-context/request-context.js';
import { InvitationQuotas, type QuotaUse } from './limits/invitation-quotas.js';
import { PreviewLimit, type Preview } from './limits/preview-limit.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/texts.js';
import type { EmailAddress } from '../../../shared/mail/email-address.js';
import { sealField } from '../../../shared/crypto/sealing.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ExpiryWindow } from '../domain/expiry-windows.js';
import { InvitationPreview, outcomeNow, describeOutcomes, type PreviewedOutcome } from './dry-run-preview.js';
import { InvitationPolicies, type InvitationPolicy } from '../policy/invitation-policy.js';
import { type InvitationCallDto, MAX_RECIPIENTS } from '../manage/invitation.dto.js';
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
  /** Whether the caller may identify invitees there. */
  identifies: boolean;
}

/**
 * Authorises the caller through `reads`. `InvitePeople` calls it before all other work, and again for each append.
 * @throws RuleBroken
 */
export type AuthoriseInvitation = (reads: ReadSet) => Promise<AuthorisedInvitation>;

/** An invitation call. */
export interface InvitationCall {
  actor: string;
  emails: readonly string[];
  /** People picked besides the addresses; none unless given. */
  picks?: { count: number; find: (scope: Scope) => Promise<readonly PickedPerson[]> } | undefined;
  window: ExpiryWindow;
  locale: string;
  message?: string | undefined;
  /** `atomic`: one invalid or not allowed address refuses the whole call. */
  mode: 'partial' | 'atomic';
  /** The call gives the same answer, but stores nothing, sends nothing and records no person. */
  dryRun: boolean;
}

/** The call's options, with defaults for those that it leaves out. */
function optionsFrom(
  policy: InvitationPolicy,
  dto: InvitationCallDto,
): Pick<InvitationCall, 'window' | 'locale' | 'message' | 'mode' | 'dryRun'> {
  const {
    expiresIn = policy.type.defaultWindow,
    locale = DEFAULT_LOCALE,
    message,
    mode = 'partial',
    dryRun = false,
  } = dto;
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
  /** Absent when the call recorded nothing. */
  batchId?: string;
}

/** Invites people to a scope, by an invitation of one type. */
export class SendInvitations extends Command<InvitationAnswer> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly scope: ScopeRef,
    readonly dto: InvitationCallDto,
  ) {
    super();
  }
}

const { addressesPerChunk, chunksAtOnce } = INVITATION_TUNING;

/** Invites many addresses in one call; each gets its own outcome. The answer comes when everything is stored. */
@CommandHandler(SendInvitations)
export class InvitePeople implements ICommandHandler<SendInvitations> {
  constructor(
    private readonly policies: InvitationPolicies,
    private readonly commandHandling: CommandHandling,
    private readonly people: People,
    private readonly invitationPreview: InvitationPreview,
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly quotas: InvitationQuotas,
    private readonly previews: PreviewLimit,
    private readonly batches: BatchRecorder,
  ) {}

  async execute({ actor, kind, scope, dto }: SendInvitations): Promise<InvitationAnswer> {
    const policy = this.policies.of(kind);
    const { emails = [] } = dto;
    const picks = policy.picks(dto);
    return this.invite(policy, { actor, emails, picks, ...optionsFrom(policy, dto) }, async (reads) => {
      const authorised = await policy.authoriseInvite(actor, scope, dto, reads);
      if (emails.length + (picks?.count ?? 0) > MAX_RECIPIENTS) throw new RuleBroken('too-many-recipients');
      return authorised;
    });
  }

  /**
   * @param authorise is called for each append, so that a right that ends meanwhile ends the call
   * @throws RuleBroken `atomic-refused` with every row's outcome, or `quota-exceeded`: nothing is stored then; what
   * `authorise` throws, with the outcomes of what is stored
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
    if (addresses.length === 0) return answerOf(recipients, issued);
    const batch = { actor: call.actor, kind: policy.kind };
    const batchId = await this.batches.start(batch, authorise, recipients.length);
    try {
      await this.issue(policy, call, authorise, addresses, issued);
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
      const stopped = stoppedAt(error, recipients, issued);
      await this.batches.finish(batch, scope, stopped.details.summary ?? {}, stopped.details.notReached ?? 0);
      throw issued.size > 0 ? stopped : error;
    }
    const answer = answerOf(recipients, issued);
    await this.batches.finish(batch, scope, answer.summary, 0);
    return { ...answer, batchId };
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
    const answer = answerOf(recipients, new Map(await this.issueTo(policy, call, authorised, addresses, reads)));
    return invitedIn(answer) === 0 ? answer : { ...answer, batchId: requireContext().commandId };
  }

  /**
   * The call's recipients and, for a dry run or an atomic call, a preview of their outcomes.
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
        const some = addresses.slice(at, at + addressesPerChunk.value);
        at += addressesPerChunk.value;
        const attempt = async (reads: ReadSet) => this.issueTo(policy, call, await authorise(reads), some, reads);
        for (const [email, previewed] of await this.commandHandling.retrying(attempt, { cached: true }))
          issued.set(email, previewed);
      }
    };
    // When one chunk fails, the others finish, so that nothing is stored after the answer.
    const ends = await Promise.allSettled(
      Array.from({ length: chunksAtOnce.value[this.database.mode] }, async () =>
        work().catch((error: unknown) => {
          at = addresses.length;
          throw error;
        }),
      ),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** @param lookFirst as for `People.resolve` */
  private async issueTo(
    policy: InvitationPolicy,
    call: InvitationCall,
    authorised: AuthorisedInvitation,
    addresses: readonly EmailAddress[],
    reads: ReadSet,
    lookFirst?: boolean,
  ): Promise<[EmailAddress, PreviewedOutcome][]> {
    const { scope, grant } = authorised;
    const resolved = await this.people.resolve(addresses, lookFirst);
    // A person whose former address is named too has one stream here, and one outcome for both addresses.
    const people = [...new Map(resolved.map((person) => [person.personId, person])).values()];
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
    const resultOf = new Map(people.map(({ personId }, n) => [personId, results[n]]));
    const takenForNew: EmailAddress[] = [];
    const present: [EmailAddress, ReturnType<typeof outcomeNow>][] = [];
    const issued = addresses.flatMap((email, index): [EmailAddress, PreviewedOutcome][] => {
      const personId = resolved[index]?.personId ?? '';
      const outcome = resultOf.get(personId);
      if (!outcome || outcome instanceof RuleBroken) throw outcome ?? new TypeError('the stream has no outcome');
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
    return [...issued, ...(await this.issueTo(policy, call, authorised, takenForNew, reads, true))];
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
    // The stream records that the earlier invitation expired before it records the new one.
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

/** The refusal of a call that stopped early, with the outcomes so far and the number of addresses without one. */
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
