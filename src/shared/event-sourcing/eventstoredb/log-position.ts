import type { Position } from '../event-store.js';

/** A place in `$all`. Both count: events of one transaction share a commit position. */
export interface LogPosition {
  commit: bigint;
  prepare: bigint;
}

const TEXT = /^C:(\d{1,19})\/P:(\d{1,19})$/;
const LAST = 2n ** 63n - 1n;

export function positionText({ commit, prepare }: LogPosition): Position {
  return `C:${commit.toString()}/P:${prepare.toString()}`;
}

/** @throws RangeError for text that is no position of this store */
export function parsePosition(text: Position): LogPosition {
  const [, commit = '', prepare = ''] = TEXT.exec(text) ?? [];
  if (commit === '' || BigInt(commit) > LAST || BigInt(prepare) > LAST)
    throw new RangeError('not a position of this event store');
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

/** Negative, zero or positive. */
export function compareLogPositions(a: LogPosition, b: LogPosition): number {
  return compare(a.commit, b.commit) || compare(a.prepare, b.prepare);
}

/** What a message of the server says; undefined for none, also as servers before 22.6 say it: the largest number there is. */
export function positionIn(
  message: { getCommitPosition(): string; getPreparePosition(): string } | undefined,
): LogPosition | undefined {
  if (!message) return undefined;
  const [commit, prepare] = [BigInt(message.getCommitPosition()), BigInt(message.getPreparePosition())];
  return commit > LAST ? undefined : { commit, prepare };
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether `a` is further on; undefined is before everything. */
export function isAfter(a: LogPosition | undefined, b: LogPosition | undefined): boolean {
  return a !== undefined && (b === undefined || compareLogPositions(a, b) > 0);
}

/** The furthest of these. */
export function latest(positions: readonly (LogPosition | undefined)[]): LogPosition | undefined {
  return positions.reduce((last, position) => (isAfter(position, last) ? position : last), undefined);
}
