import { Injectable } from '@nestjs/common';
import type { Scope } from '../../access/access.contract.js';
import { type KnownPerson, type MetPerson, People } from '../../people/people.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import { Decisions, newId, type Undecided } from '../../../shared/event-sourcing/command-handling.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet } from '../../../shared/event-sourcing/read-set.js';
import { beginWork } from '../../../shared/request-context/request-context.js';
import { InvitationQuotas, type QuotaUse } from './limits/invitation-quotas.js';
import { PreviewLimit, type Preview } from './limits/preview-limit.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/locales.js';
import type { EmailAddress } from '../../../shared/mail/email-address.js';
import { sealField } from '../../../shared/crypto/sealing.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { MailDispatcher } from '../../../shared/outbox/mail-dispatcher.js';
import type { ExpiryWindow } from '../domain/expiry-windows.js';
import { Foresight, presentOutcome, toldOutcomes, type Foreseen } from './invitation-preview.js';
import type { InvitationContext } from '../policy/invitation-policy.js';
import type { InvitationTermsDto } from '../manage/invitation.dto.js';
import type { Grant, InvitationFact } from '../domain/invitation.events.js';
import { expireInvitation, issueInvitation } from '../domain/invitation.js';
import { invitationOf, membershipStream } from '../domain/membership-stream.js';
import {
  readRecipients,
  summarise,
  undecidedAddresses,
  type Invitee,
  type Outcome,
  type PickedPerson,
} from './recipients.js';

/** Where a call invites, and to what. */
export interface AllowedInvitation {
  scope: Scope;
  grant: Grant;
  /** Whether the caller may see who is invited there. */
  identifies: boolean;
}

/** Whether the caller may invite, by what `reads` has. Asked before any other work, and again for each append. @throws RuleBroken */
export type AllowInvitation = (reads: ReadSet) => Promise<AllowedInvitation>;

/** An invitation call. */
export interface InvitationCall {
  actor: string;
  emails: readonly string[];
  /** People besides the addresses; nobody unless given. */
  picks?: { count: number; find: (scope: Scope) => Promise<readonly PickedPerson[]> };
  window: ExpiryWindow;
  locale: string;
  message?: string | undefined;
  /** `atomic`: one bad address and nothing is sent. */
  mode: 'partial' | 'atomic';
  /** The same answer, nothing stored or sent, no person recorded. */
  dryRun: boolean;
}

/** What a call says besides whom it invites to what, and what holds where it says nothing. */
export function termsOf(
  context: InvitationContext,
  dto: InvitationTermsDto & { expiresIn?: ExpiryWindow },
): Pick<InvitationCall, 'window' | 'locale' | 'message' | 'mode' | 'dryRun'> {
  const { expiresIn = context.defaultWindow, locale = DEFAULT_LOCALE, message, mode = 'partial', dryRun = false } = dto;
  return { window: expiresIn, locale, message, mode, dryRun };
}

export interface InvitationResult extends Foreseen {
  /** Absent for somebody picked who isn't the caller's to see. */
  email?: string;
  personId?: string;
}

export interface InvitationAnswer {
  results: InvitationResult[];
  summary: Record<Outcome, number>;
}

/** Addresses at once: some milliseconds of sealing and hashing, during which nobody else is served. */
const CHUNK = 100;
/** The database works at one while the next is prepared; the embedded one works in this process, and others wait for its one connection. */
const CHUNKS_AT_ONCE = { embedded: 1, server: 3 };

/** Invites many addresses in one call; each gets its own outcome. The answer comes when everything is stored. */
@Injectable()
export class Inviting {
  constructor(
    private readonly decisions: Decisions,
    private readonly people: People,
    private readonly foresight: Foresight,
    private readonly clock: Clock,
    private readonly database: Database,
    private readonly dispatcher: MailDispatcher,
    private readonly quotas: InvitationQuotas,
    private readonly previews: PreviewLimit,
  ) {}

  /**
   * @param allow is asked for each append, so that a right that ends meanwhile ends the call
   * @throws RuleBroken `atomic-refused` with every row's outcome, or `quota-exceeded`, and nothing stored; whatever `allow` throws, with what was stored before that
   */
  async invite(context: InvitationContext, call: InvitationCall, allow: AllowInvitation): Promise<InvitationAnswer> {
    const quota = this.quotas.forCall(call.actor);
    try {
      const answer = await this.inviteWithin(quota, context, call, allow);
      await quota.settle(invitedIn(answer));
      return answer;
    } catch (error) {
      // After an unknown outcome all of it counts: it may be stored.
      if (error instanceof RuleBroken) await quota.settle(invitedIn(error.details));
      throw error;
    }
  }

  private async inviteWithin(
    quota: QuotaUse,
    context: InvitationContext,
    call: InvitationCall,
    allow: AllowInvitation,
  ): Promise<InvitationAnswer> {
    if (call.emails.length + (call.picks?.count ?? 0) === 1)
      return this.decisions.retrying(async (reads) => this.inviteOne(quota, context, call, allow, reads), {
        cached: true,
      });
    const { recipients, foreseen, scope } = await this.decisions.retrying(async (reads) =>
      this.review(context, call, await allow(reads)),
    );
    if (call.dryRun) return foreseen ?? answerOf(recipients, new Map());
    const addresses = undecidedAddresses(recipients);
    await quota.take(scope.organisation?.id ?? null, addresses.length);
    const issued = new Map<EmailAddress, Foreseen>();
    const issue = async (): Promise<void> => this.issue(context, call, allow, addresses, issued);
    try {
      await (addresses.length > CHUNK ? this.dispatcher.standAsideFor(issue) : issue());
    } catch (error) {
      throw error instanceof RuleBroken && issued.size > 0 ? stoppedAt(error, recipients, issued) : error;
    }
    return answerOf(recipients, issued);
  }

  private async inviteOne(
    quota: QuotaUse,
    context: InvitationContext,
    call: InvitationCall,
    allow: AllowInvitation,
    reads: ReadSet,
  ): Promise<InvitationAnswer> {
    const allowed = await allow(reads);
    const { recipients, foreseen } = await this.review(context, call, allowed);
    if (call.dryRun && foreseen) return foreseen;
    const addresses = undecidedAddresses(recipients);
    await quota.take(allowed.scope.organisation?.id ?? null, addresses.length);
    const met = await this.people.meet(addresses);
    return answerOf(recipients, new Map(await this.issueTo(context, call, allowed, met, reads)));
  }

  /** Whom the call names, and where it asks for that what would become of them. @throws RuleBroken `atomic-refused` */
  private async review(
    context: InvitationContext,
    call: InvitationCall,
    { scope, identifies }: AllowedInvitation,
  ): Promise<{ recipients: Invitee[]; scope: Scope; foreseen?: InvitationAnswer }> {
    beginWork(identifies);
    const recipients = await readRecipients(call.emails, (await call.picks?.find(scope)) ?? []);
    if (!call.dryRun && call.mode !== 'atomic') return { recipients, scope };
    const addresses = undecidedAddresses(recipients);
    const preview: Preview = { kind: call.dryRun ? 'dry-run' : 'atomic-call', actor: call.actor, scope };
    if (call.dryRun) await this.previews.count(preview, addresses);
    const foreseen = answerOf(
      recipients,
      await this.foresight.of(context, { actor: call.actor, scope, identifies }, addresses),
    );
    const refused =
      call.mode === 'atomic' &&
      foreseen.results.some(({ outcome }) => outcome === 'invalid-email' || outcome === 'not-allowed');
    // It tells every outcome and invites nobody: a dry run by another name.
    if (refused && !call.dryRun) await this.previews.count(preview, addresses);
    if (refused || call.dryRun) this.previews.note(preview, recipients.length, foreseen.summary);
    if (refused) throw new RuleBroken('atomic-refused', { ...foreseen });
    return { recipients, scope, foreseen };
  }

  /** Chunk by chunk, each allowed by itself: other requests are served meanwhile. @param issued what became of each address, as far as it came */
  private async issue(
    context: InvitationContext,
    call: InvitationCall,
    allow: AllowInvitation,
    addresses: readonly EmailAddress[],
    issued: Map<EmailAddress, Foreseen>,
  ): Promise<void> {
    let at = 0;
    const work = async (): Promise<void> => {
      while (at < addresses.length) {
        const some = addresses.slice(at, at + CHUNK);
        at += CHUNK;
        const attempt = async (reads: ReadSet) =>
          this.issueTo(context, call, await allow(reads), await this.people.meet(some), reads);
        for (const [email, foreseen] of await this.decisions.retrying(attempt, { cached: true }))
          issued.set(email, foreseen);
      }
    };
    // When one fails the others finish what they have begun: nothing is stored after the answer.
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
    context: InvitationContext,
    call: InvitationCall,
    allowed: AllowedInvitation,
    people: readonly MetPerson[],
    reads: ReadSet,
  ): Promise<[EmailAddress, Foreseen][]> {
    const { scope, grant } = allowed;
    const attribution = {
      actor: call.actor,
      scope: { kind: scope.kind, id: scope.id },
      organisationId: scope.organisation?.id ?? null,
    };
    const undecided: Undecided[] = people.map((person) => {
      const stream = membershipStream(context.kind, scope, person.personId);
      return {
        stream,
        attribution,
        newcomer: person.newcomer,
        decide: (history, idOf) => this.decide(context, call, grant, person, stream, history, idOf),
        onlyIf: reads,
      };
    });
    const decided = await this.decisions.decideMany(undecided);
    const takenForNew: EmailAddress[] = [];
    const present: [EmailAddress, ReturnType<typeof presentOutcome>][] = [];
    const issued = people.flatMap(({ email, personId }, index): [EmailAddress, Foreseen][] => {
      const outcome = decided[index];
      if (!outcome || outcome instanceof RuleBroken) throw outcome ?? new TypeError('one stream, one outcome');
      if (outcome.isKnown) {
        takenForNew.push(email);
        return [];
      }
      const fact = outcome.facts.find(({ type }) => type === 'InvitationIssued');
      if (fact) return [[email, { outcome: 'invited', invitationId: (fact as InvitationFact).data.invitationId }]];
      present.push([email, presentOutcome(context, outcome.history, personId === call.actor, this.clock.now())]);
      return [];
    });
    const told = await toldOutcomes(
      context,
      { ...allowed, actor: call.actor },
      present.map(([, outcome]) => outcome),
    );
    issued.push(
      ...told.flatMap((foreseen, n): [EmailAddress, Foreseen][] => (present[n] ? [[present[n][0], foreseen]] : [])),
    );
    if (takenForNew.length === 0) return issued;
    return [
      ...issued,
      ...(await this.issueTo(context, call, allowed, await this.people.meet(takenForNew, true), reads)),
    ];
  }

  private decide(
    context: InvitationContext,
    call: InvitationCall,
    grant: Grant,
    person: KnownPerson,
    stream: string,
    history: readonly StoredEvent[],
    idOf: (index: number) => string,
  ) {
    const now = this.clock.now();
    if (presentOutcome(context, history, person.personId === call.actor, now).outcome !== 'invited') return [];
    const before = invitationOf(history);
    // An expired one that is not recorded yet is recorded now: its place in the stream is before the new one.
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

/** How many are stored as invited, by what is answered. */
function invitedIn({ summary }: { summary?: Partial<Record<Outcome, number>> | object }): number {
  return (summary as Partial<Record<Outcome, number>> | undefined)?.invited ?? 0;
}

/** The call ended before its end: says what became of those who were reached, and of how many nothing. */
function stoppedAt(
  { code, details }: RuleBroken,
  recipients: readonly Invitee[],
  issued: ReadonlyMap<EmailAddress, Foreseen>,
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

function answerOf(recipients: readonly Invitee[], decided: ReadonlyMap<EmailAddress, Foreseen>): InvitationAnswer {
  const results = recipients.map(({ address, outcome, ...named }): InvitationResult => {
    if (outcome || !address) return { ...named, outcome: outcome ?? 'invalid-email' };
    return { ...named, ...(decided.get(address) ?? { outcome: 'invited' }) };
  });
  return { results, summary: summarise(results) };
}
