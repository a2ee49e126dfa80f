import type { InvitationBatchView } from '../../invitations/invitations.contract.js';
import { followed } from './followed-batch.js';

const AT = new Date('2026-11-30T12:00:00.000Z');
const after = (minutes: number) => new Date(AT.getTime() + minutes * 60_000);

const batch = (change: Partial<InvitationBatchView>): InvitationBatchView => ({
  id: '0',
  kind: 'staff',
  scope: { kind: 'organisation', id: '1', name: 'Riverside Hospital' },
  invitedBy: { name: 'Ann' },
  at: AT.toISOString(),
  recipients: 5,
  finished: true,
  outcomes: {
    invited: 3,
    'already-pending': 0,
    'already-member': 1,
    'invalid-email': 1,
    'duplicate-in-request': 0,
    'not-allowed': 0,
  },
  notReached: 0,
  invitations: { pending: 1, accepted: 1, declined: 0, revoked: 0, expired: 1 },
  mails: { waiting: 0, sent: 3, failed: 0, unsubscribed: 0, dropped: 0 },
  ...change,
});

describe('a followed batch', () => {
  it('counts what is stored, open, mailed and left out', () => {
    const waiting = { waiting: 1, sent: 1, failed: 1, unsubscribed: 0, dropped: 0 };
    expect(followed(batch({ mails: waiting }), after(1))).toMatchObject({
      stored: 3,
      toStore: 3,
      mailed: 2,
      open: 2,
      leftOut: [
        { outcome: 'already-member', count: 1 },
        { outcome: 'invalid-email', count: 1 },
      ],
    });
  });

  it.each([
    ['runs without an answer', { finished: false }, 9, { isRunning: true, hasStopped: false, isUnderWay: true }],
    ['has stopped when no answer came', { finished: false }, 11, { isRunning: false, hasStopped: true }],
    ['has stopped when its answer says so', { notReached: 2 }, 1, { hasStopped: true, isUnderWay: false }],
    ['is done when no mail waits', {}, 1, { isRunning: false, hasStopped: false, isUnderWay: false }],
  ])('%s', (_, change, minutes, expected) => {
    expect(followed(batch(change), after(minutes))).toMatchObject(expected);
  });

  it('is under way for an hour while mails wait', () => {
    const mails = { waiting: 1, sent: 2, failed: 0, unsubscribed: 0, dropped: 0 };
    expect([59, 61].map((minutes) => followed(batch({ mails }), after(minutes)).isUnderWay)).toEqual([true, false]);
  });
});
