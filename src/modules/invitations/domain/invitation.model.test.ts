import fc from 'fast-check';
import {
  acceptInvitation,
  declineInvitation,
  evolveInvitation,
  expireInvitation,
  issueInvitation,
  NO_INVITATION,
  resendInvitation,
  revokeInvitation,
  type Invitation,
} from './invitation.js';
import { EXPIRY_WINDOWS } from './expiry-windows.js';
import type { InvitationEvent, InvitationDomainEvent } from './invitation.events.js';
import { check } from '../../../../test/support/check.js';
import { Outcome, recorded } from '../../../../test/support/given.js';
import {
  back,
  expected,
  idAt,
  nothingYet,
  windows,
  type Lifecycle,
  type Step,
} from '../../../../test/support/invitation-model.js';

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(fc.constantFrom(1, ...Object.values(EXPIRY_WINDOWS)), fc.nat(40 * 86_400_000)),
    }),
    fc.record({ do: fc.constant('invite' as const), window: windows }),
    fc.record({ do: fc.constant('resend' as const), back, window: fc.option(windows, { nil: undefined }) }),
    fc.record({ do: fc.constant('revoke' as const), back }),
    fc.record({ do: fc.constantFrom('accept' as const, 'decline' as const), back }),
    fc.record({ do: fc.constant('note expiry' as const) }),
  ),
  { maxLength: 30 },
);

function decide(
  invitation: Invitation,
  model: Lifecycle,
  step: Step,
  now: Date,
  nextId: string,
): InvitationDomainEvent[] {
  const issue = 'back' in step ? model.links.length - step.back : 0;
  switch (step.do) {
    case 'wait':
      return [];
    case 'invite':
      return issueInvitation(
        invitation,
        { invitationId: nextId, personId: 'ann', grant: {}, window: step.window, locale: 'en' },
        now,
      );
    case 'resend':
      return resendInvitation(invitation, idAt(model, step.back), step.window, now);
    case 'revoke':
      return revokeInvitation(invitation, idAt(model, step.back));
    case 'accept':
      return acceptInvitation(invitation, issue > 0 ? issue : model.links.length + 1, now);
    case 'decline':
      return declineInvitation(invitation, issue > 0 ? issue : model.links.length + 1, now);
    case 'note expiry':
      return expireInvitation(invitation, now);
  }
}

it('the decider agrees with the model after every sequence of steps and waits', () => {
  const seen = new Set<string>();
  check(
    'invitation model',
    fc.property(steps, (todo) => {
      const model = nothingYet();
      let invitation: Invitation = NO_INVITATION;
      let now = Date.parse('2026-01-05T12:00:00.000Z');
      todo.forEach((step, n) => {
        if (step.do === 'wait') now += step.ms;
        const nextId = `invitation-${String(n)}`;
        const before = structuredClone(model);
        const word = expected(model, step, now, nextId);
        const decided = new Outcome(() => decide(invitation, before, step, new Date(now), nextId));
        expect(`${step.do}: ${decided.inOneWord()}`).toBe(`${step.do}: ${word}`);
        seen.add(`${step.do}: ${word}`);
        if (!word.startsWith('Invitation')) return;
        const [domainEvent] = decide(invitation, before, step, new Date(now), nextId);
        invitation = evolveInvitation(invitation, recorded(domainEvent!, n) as unknown as InvitationEvent);
        expect(invitation.issues).toEqual(model.links.map(({ invitationId }) => invitationId));
      });
    }),
    10_000,
  );
  // The sequences drew each possible answer at least once.
  expect(seen.size).toBe(24);
});
