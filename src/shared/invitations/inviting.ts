import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Scope } from '../access/scopes.js';
import { Decisions, type Undecided } from '../event-store/decisions.js';
import type { StoredEvent } from '../event-store/event-store.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { People, type KnownPerson } from '../privacy/people.js';
import type { EmailAddress } from '../privacy/email-address.js';
import { sealField } from '../privacy/sealing.js';
import type { ExpiryWindow } from './expiry-windows.js';
import type { InvitationContext } from './invitation-context.js';
import { Foresight, presentOutcome, type Foreseen } from './foresight.js';
import { issueInvitation } from './invitation.js';
import type { Grant, InvitationFact } from './invitation.events.js';
import { invitationOf, membershipStream } from './membership-stream.js';
import { readRecipients, summarise, undecidedAddresses, type Outcome, type Recipient } from './recipients.js';

/** An invitation call, already allowed. */
export interface InvitationCall {
  actor: string;
  scope: Scope;
  grant: Grant;
  emails: readonly string[];
  window: ExpiryWindow;
  locale: string;
  message?: string | undefined;
  /** `atomic`: one bad address and nothing is sent. */
  mode: 'partial' | 'atomic';
  /** The same answer, nothing stored or sent, no person recorded. */
  dryRun: boolean;
}

export interface InvitationResult extends Foreseen {
  email: string;
}

export interface InvitationAnswer {
  results: InvitationResult[];
  summary: Record<Outcome, number>;
}

/** Invites many addresses in one call; each gets its own outcome. The answer comes when everything is stored. */
@Injectable()
export class Inviting {
  constructor(
    private readonly decisions: Decisions,
    private readonly people: People,
    private readonly foresight: Foresight,
  ) {}

  /** @throws RuleBroken `atomic-refused` with every row's outcome, and nothing stored */
  async invite(context: InvitationContext, call: InvitationCall): Promise<InvitationAnswer> {
    const caller = (await this.people.reveal([call.actor])).get(call.actor);
    const recipients = readRecipients(call.emails, caller?.email);
    const atomicRefusal = call.mode === 'atomic' && recipients.some(({ outcome }) => outcome === 'invalid-email' || outcome === 'not-allowed');
    if (call.dryRun || atomicRefusal) {
      const answer = answerOf(recipients, await this.foresight.of(context, call.scope, undecidedAddresses(recipients)));
      if (atomicRefusal && !call.dryRun) throw new RuleBroken('atomic-refused', { ...answer });
      return answer;
    }
    return answerOf(recipients, await this.issue(context, call, recipients));
  }

  private async issue(context: InvitationContext, call: InvitationCall, recipients: readonly Recipient[]): Promise<Map<EmailAddress, Foreseen>> {
    const people = await this.people.ensure(undecidedAddresses(recipients));
    const attribution = { actor: call.actor, scope: { kind: call.scope.kind, id: call.scope.id }, organisationId: call.scope.organisation?.id ?? null };
    const persons = [...people.values()];
    const undecided: Undecided[] = persons.map((person) => {
      const stream = membershipStream(context.kind, call.scope, person.personId);
      return { stream, attribution, decide: (history, idOf) => this.decide(context, call, person, stream, history, idOf(0)) };
    });
    const decided = await this.decisions.decideMany(undecided);
    return new Map(
      persons.map(({ email }, index) => {
        const outcome = decided[index];
        if (!outcome || outcome instanceof RuleBroken) throw outcome ?? new TypeError('one stream, one outcome');
        const fact = outcome.facts[0];
        if (fact) return [email, { outcome: 'invited', invitationId: (fact as InvitationFact).data.invitationId }];
        return [email, presentOutcome(context, outcome.history)];
      }),
    );
  }

  private decide(context: InvitationContext, call: InvitationCall, person: KnownPerson, stream: string, history: readonly StoredEvent[], eventId: string) {
    if (context.isMember(history)) return [];
    const offer = {
      invitationId: randomUUID(),
      personId: person.personId,
      grant: call.grant,
      window: call.window,
      locale: call.locale,
      ...(call.message ? { message: sealField(person, { stream, eventId, field: 'message' }, call.message) } : {}),
    };
    return issueInvitation(invitationOf(history), offer, new Date());
  }
}

function answerOf(recipients: readonly Recipient[], decided: ReadonlyMap<EmailAddress, Foreseen>): InvitationAnswer {
  const results = recipients.map(({ email, address, outcome }): InvitationResult => {
    if (outcome || !address) return { email, outcome: outcome ?? 'invalid-email' };
    return { email, ...(decided.get(address) ?? { outcome: 'invited' }) };
  });
  return { results, summary: summarise(results) };
}
