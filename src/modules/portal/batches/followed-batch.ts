import type { InvitationBatchView } from '../../invitations/invitations.contract.js';

/** A call without an answer after this time has ended, because a process was stopped in the middle of it. */
const RUNS_AT_MOST_MS = 10 * 60_000;
/** A page that waits for mails asks again for this long. Later it shows the state of the moment. */
const WATCHED_MS = 60 * 60_000;

/** A batch as its pages follow it. */
export interface FollowedBatch extends InvitationBatchView {
  /** How many invitations of the call are stored. */
  stored: number;
  /** How many will be stored, as far as it is known. */
  toStore: number;
  /** How many mails have an outcome. */
  mailed: number;
  /** Invitations that nobody answered or withdrew. */
  open: number;
  isRunning: boolean;
  /** The call ended before its answer. Some of its addresses may have no invitation. */
  hasStopped: boolean;
  /** Whether the figures change soon. */
  isUnderWay: boolean;
  /** Addresses of the call without an invitation, by reason. */
  leftOut: { outcome: string; count: number }[];
}

export function followed({ ...batch }: InvitationBatchView, now: Date): FollowedBatch {
  const { invitations, mails, outcomes, recipients, finished, notReached } = batch;
  const stored = (Object.values(invitations) as number[]).reduce((sum, count) => sum + count, 0);
  const ageMs = now.getTime() - new Date(batch.at).getTime();
  const isRunning = !finished && ageMs < RUNS_AT_MOST_MS;
  return {
    ...batch,
    stored,
    toStore: finished ? stored : recipients,
    mailed: stored - mails.waiting,
    open: invitations.pending + invitations.expired,
    isRunning,
    hasStopped: (!finished && !isRunning) || notReached > 0,
    isUnderWay: isRunning || (mails.waiting > 0 && ageMs < WATCHED_MS),
    leftOut: (Object.entries(outcomes) as [string, number][])
      .filter(([outcome, count]) => outcome !== 'invited' && count > 0)
      .map(([outcome, count]) => ({ outcome, count })),
  };
}
