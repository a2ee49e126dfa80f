import { Injectable } from '@nestjs/common';
import type { Scope } from '../access/scopes.js';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { Decisions, newId, type Undecided } from '../event-store/decisions.js';
import type { StoredEvent } from '../event-store/event-store.js';
import { Grounds } from '../event-store/grounds.js';
import { DEFAULT_LOCALE } from '../mail/locales.js';
import type { EmailAddress } from '../privacy/email-address.js';
import { People, type KnownPerson, type MetPerson } from '../privacy/people.js';
import { sealField } from '../privacy/sealing.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { MailDispatcher } from '../reactions/mail-dispatcher.js';
import type { ExpiryWindow } from './expiry-windows.js';
import { Foresight, presentOutcome, type Foreseen } from './foresight.js';
import type { InvitationContext } from './invitation-context.js';
import type { InvitationTermsDto } from './invitation.dto.js';
import type { Grant, InvitationFact } from './invitation.events.js';
import { expireInvitation, issueInvitation } from './invitation.js';
import { invitationOf, membershipStream } from './membership-stream.js';
import { readRecipients, summarise, undecidedAddresses, type Invitee, type Outcome, type PickedPerson } from './recipients.js';

/** An invitation call, already allowed. */
export interface InvitationCall {
  actor: string;
  scope: Scope;
  grant: Grant;
  emails: readonly string[];
  /** Besides the addresses; nobody unless given. */
  picked?: readonly PickedPerson[];
  window: ExpiryWindow;
  locale: string;
  message?: string | undefined;
  /** `atomic`: one bad address and nothing is sent. */
  mode: 'partial' | 'atomic';
  /** The same answer, nothing stored or sent, no person recorded. */
  dryRun: boolean;
}

/** What a call says besides whom it invites to what, and what holds where it says nothing. */
export function termsOf(context: InvitationContext, dto: InvitationTermsDto & { expiresIn?: ExpiryWindow }): Pick<InvitationCall, 'window' | 'locale' | 'message' | 'mode' | 'dryRun'> {
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
    private readonly grounds: Grounds,
  ) {}

  /** Allows and invites: a single person on what is remembered of who may, which costs a look less. Many aren't stored in one go, and are allowed once before. */
  async allowed(people: number, allowAndInvite: () => Promise<InvitationAnswer>): Promise<InvitationAnswer> {
    return people === 1 ? this.grounds.presume(allowAndInvite) : allowAndInvite();
  }

  /** @throws RuleBroken `atomic-refused` with every row's outcome, and nothing stored */
  async invite(context: InvitationContext, call: InvitationCall): Promise<InvitationAnswer> {
    const recipients = await readRecipients(call.emails, call.picked ?? []);
    const addresses = undecidedAddresses(recipients);
    if (call.dryRun || call.mode === 'atomic') {
      const foreseen = answerOf(recipients, await this.foresight.of(context, call, addresses));
      const refused = call.mode === 'atomic' && foreseen.results.some(({ outcome }) => outcome === 'invalid-email' || outcome === 'not-allowed');
      if (refused) throw new RuleBroken('atomic-refused', { ...foreseen });
      if (call.dryRun) return foreseen;
    }
    const issue = async (): Promise<Map<EmailAddress, Foreseen>> => this.issue(context, call, addresses);
    return answerOf(recipients, addresses.length > CHUNK ? await this.dispatcher.standAsideFor(issue) : await issue());
  }

  /** Chunk by chunk: other requests are served meanwhile. */
  private async issue(context: InvitationContext, call: InvitationCall, addresses: readonly EmailAddress[]): Promise<Map<EmailAddress, Foreseen>> {
    const issued = new Map<EmailAddress, Foreseen>();
    let at = 0;
    const work = async (): Promise<void> => {
      while (at < addresses.length) {
        const some = addresses.slice(at, at + CHUNK);
        at += CHUNK;
        for (const [email, foreseen] of await this.issueTo(context, call, await this.people.meet(some))) issued.set(email, foreseen);
      }
    };
    // When one fails the others finish what they have begun: nothing is stored after the answer.
    const ends = await Promise.allSettled(Array.from({ length: CHUNKS_AT_ONCE[this.database.mode] }, async () => work().catch((error: unknown) => { at = addresses.length; throw error; })));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return issued;
  }

  private async issueTo(context: InvitationContext, call: InvitationCall, people: readonly MetPerson[]): Promise<[EmailAddress, Foreseen][]> {
    const attribution = { actor: call.actor, scope: { kind: call.scope.kind, id: call.scope.id }, organisationId: call.scope.organisation?.id ?? null };
    const undecided: Undecided[] = people.map((person) => {
      const stream = membershipStream(context.kind, call.scope, person.personId);
      return { stream, attribution, newcomer: person.newcomer, decide: (history, idOf) => this.decide(context, call, person, stream, history, idOf) };
    });
    const decided = await this.decisions.decideMany(undecided);
    const takenForNew: EmailAddress[] = [];
    const issued = people.flatMap(({ email, personId }, index): [EmailAddress, Foreseen][] => {
      const outcome = decided[index];
      if (!outcome || outcome instanceof RuleBroken) throw outcome ?? new TypeError('one stream, one outcome');
      if (outcome.isKnown) {
        takenForNew.push(email);
        return [];
      }
      const fact = outcome.facts.find(({ type }) => type === 'InvitationIssued');
      if (fact) return [[email, { outcome: 'invited', invitationId: (fact as InvitationFact).data.invitationId }]];
      return [[email, presentOutcome(context, outcome.history, personId === call.actor, this.clock.now())]];
    });
    return takenForNew.length === 0 ? issued : [...issued, ...(await this.issueTo(context, call, await this.people.meet(takenForNew, true)))];
  }

  private decide(context: InvitationContext, call: InvitationCall, person: KnownPerson, stream: string, history: readonly StoredEvent[], idOf: (index: number) => string) {
    const now = this.clock.now();
    if (presentOutcome(context, history, person.personId === call.actor, now).outcome !== 'invited') return [];
    const before = invitationOf(history);
    // An expired one that is not recorded yet is recorded now: its place in the stream is before the new one.
    const expired = expireInvitation(before, now);
    const message = call.message && sealField(person, { stream, eventId: idOf(expired.length), field: 'message' }, call.message);
    const offer = { invitationId: newId(stream), personId: person.personId, grant: call.grant, window: call.window, locale: call.locale, ...(message ? { message } : {}) };
    return [...expired, ...issueInvitation(before, offer, now)];
  }
}

function answerOf(recipients: readonly Invitee[], decided: ReadonlyMap<EmailAddress, Foreseen>): InvitationAnswer {
  const results = recipients.map(({ address, outcome, ...named }): InvitationResult => {
    if (outcome || !address) return { ...named, outcome: outcome ?? 'invalid-email' };
    return { ...named, ...(decided.get(address) ?? { outcome: 'invited' }) };
  });
  return { results, summary: summarise(results) };
}
