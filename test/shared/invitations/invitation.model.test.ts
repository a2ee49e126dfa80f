import fc from 'fast-check';
import {
  acceptInvitation, declineInvitation, evolveInvitation, expireInvitation, issueInvitation, NO_INVITATION, resendInvitation, revokeInvitation,
  type Invitation,
} from '../../../src/shared/invitations/invitation.js';
import { EXPIRY_WINDOWS, type ExpiryWindow } from '../../../src/shared/invitations/expiry-windows.js';
import type { InvitationEvent, InvitationFact } from '../../../src/shared/invitations/invitation.events.js';
import { check } from '../../support/check.js';
import { Outcome, recorded } from '../../support/given.js';

/** What DOMAIN §3 says in few words: links that were mailed, and which of them opens something. */
interface Model {
  /** One per mailed link, in order; the last is the only one that may open. */
  links: { invitationId: string; closes: number }[];
  ended: 'accepted' | 'declined' | 'revoked' | null;
  window: ExpiryWindow;
  /** Whether the schedule has written the expiry down. */
  noted: boolean;
}

/** `link` and `id` count back from the newest; 0 is the newest one. */
type Step =
  | { do: 'wait'; ms: number }
  | { do: 'invite'; window: ExpiryWindow }
  | { do: 'resend'; back: number; window: ExpiryWindow | undefined }
  | { do: 'revoke'; back: number }
  | { do: 'accept' | 'decline'; back: number }
  | { do: 'note expiry' };

const windows = fc.constantFrom(...(Object.keys(EXPIRY_WINDOWS) as ExpiryWindow[]));
const back = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(3));
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('wait' as const), ms: fc.oneof(fc.constantFrom(1, ...Object.values(EXPIRY_WINDOWS)), fc.nat(40 * 86_400_000)) }),
    fc.record({ do: fc.constant('invite' as const), window: windows }),
    fc.record({ do: fc.constant('resend' as const), back, window: fc.option(windows, { nil: undefined }) }),
    fc.record({ do: fc.constant('revoke' as const), back }),
    fc.record({ do: fc.constantFrom('accept' as const, 'decline' as const), back }),
    fc.record({ do: fc.constant('note expiry' as const) }),
  ),
  { maxLength: 30 },
);

/** What the model expects the step to come to, as one word; moves the model. */
function expected(model: Model, step: Step, now: number, nextId: string): string {
  const newest = model.links.at(-1);
  const past = newest !== undefined && now >= newest.closes;
  const open = newest !== undefined && model.ended === null;
  const mail = (invitationId: string, window: ExpiryWindow): void => {
    model.links.push({ invitationId, closes: now + EXPIRY_WINDOWS[window] });
    Object.assign(model, { ended: null, window, noted: false });
  };
  const isNewest = 'back' in step && idAt(model, step.back) === newest?.invitationId;
  switch (step.do) {
    case 'wait':
      return 'quiet';
    case 'invite':
      if (open && !past) return 'quiet';
      mail(nextId, step.window);
      return 'InvitationIssued';
    case 'resend':
      if (!newest || !open || !isNewest) return 'not-resendable';
      mail(newest.invitationId, step.window ?? model.window);
      return 'InvitationReissued';
    case 'revoke':
      if (isNewest && model.ended === 'revoked') return 'quiet';
      if (!open || !isNewest) return 'not-revocable';
      model.ended = 'revoked';
      return 'InvitationRevoked';
    case 'accept':
    case 'decline': {
      if (step.back >= model.links.length) return 'invitation-not-found';
      if (step.back > 0) return 'invitation-superseded';
      if (model.ended) return `invitation-${model.ended}`;
      if (past) return 'invitation-expired';
      model.ended = step.do === 'accept' ? 'accepted' : 'declined';
      return step.do === 'accept' ? 'InvitationAccepted' : 'InvitationDeclined';
    }
    case 'note expiry':
      if (!open || !past || model.noted) return 'quiet';
      model.noted = true;
      return 'InvitationExpired';
  }
}

/** The invitationId of the link so many back; one that never was when there are not so many. */
function idAt(model: Model, n: number): string {
  return model.links.at(-1 - n)?.invitationId ?? 'never';
}

function decide(invitation: Invitation, model: Model, step: Step, now: Date, nextId: string): InvitationFact[] {
  const issue = 'back' in step ? model.links.length - step.back : 0;
  switch (step.do) {
    case 'wait':
      return [];
    case 'invite':
      return issueInvitation(invitation, { invitationId: nextId, personId: 'ann', grant: {}, window: step.window, locale: 'en' }, now);
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

it('the decider does what the model does, whatever is done to an invitation and however long one waits', () => {
  const seen = new Set<string>();
  check('invitation model', fc.property(steps, (todo) => {
    const model: Model = { links: [], ended: null, window: '7d', noted: false };
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
      const [fact] = decide(invitation, before, step, new Date(now), nextId);
      invitation = evolveInvitation(invitation, recorded(fact!, n) as unknown as InvitationEvent);
      expect(invitation.issues).toEqual(model.links.map(({ invitationId }) => invitationId));
    });
  }), 2000);
  // Every answer that there is was given at least once.
  expect(seen.size).toBe(24);
});
