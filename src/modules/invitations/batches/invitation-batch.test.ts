import { decider } from '../../../../test/support/given.js';
import type { InvitationBatchDomainEvent } from './invitation-batch.events.js';
import { evolveInvitationBatch, finishBatch, startBatch, type InvitationBatch } from './invitation-batch.js';

const given = decider<InvitationBatch, InvitationBatchDomainEvent>('unknown', evolveInvitationBatch);
const started: InvitationBatchDomainEvent = { type: 'InvitationBatchStarted', data: { kind: 'staff', recipients: 3 } };
const finished: InvitationBatchDomainEvent = {
  type: 'InvitationBatchFinished',
  data: { kind: 'staff', outcomes: { invited: 2, 'invalid-email': 1 }, notReached: 0 },
};

it('a batch starts once', () => {
  given()
    .when((batch) => startBatch(batch, { kind: 'staff', recipients: 3 }))
    .then(started);
  for (const history of [[started], [started, finished]])
    given(...history)
      .when((batch) => startBatch(batch, { kind: 'staff', recipients: 3 }))
      .thenNothing();
});

it('a batch finishes once, after its start', () => {
  const { outcomes } = finished.data as { outcomes: object };
  given(started)
    .when((batch) => finishBatch(batch, { kind: 'staff', outcomes, notReached: 0 }))
    .then(finished);
  for (const history of [[], [started, finished]])
    given(...history)
      .when((batch) => finishBatch(batch, { kind: 'staff', outcomes: { invited: 3 }, notReached: 0 }))
      .thenNothing();
});
