import type { Position } from '../event-store.js';

/** A position in `$all`. Both numbers count, because events of one transaction share a commit position. */
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

/** Returns a negative, zero or positive number as `a` is before, at or after `b`. */
export function compareLogPositions(a: LogPosition, b: LogPosition): number {
  return compare(a.commit, b.commit) || compare(a.prepare, b.prepare);
}

/**
 * Reads the position in a server's message; undefined when it has none. Servers before 22.6 send the largest number
 * instead.
 */
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

/** Tells whether `a` comes after `b`; undefined comes before everything. */
export function isAfter(a: LogPosition | undefined, b: LogPosition | undefined): boolean {
  return a !== undefined && (b === undefined || compareLogPositions(a, b) > 0);
}

/** Returns the last of these positions. */
export function latest(positions: readonly (LogPosition | undefined)[]): LogPosition | undefined {
  return positions.reduce((last, position) => (isAfter(position, last) ? position : last), undefined);
}
