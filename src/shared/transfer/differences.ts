import { isDeepStrictEqual } from 'node:util';
import type { RecordedEvent } from '../event-sourcing/event-store.js';
import type { PlacedEvent } from './event-file.js';

const MOST_SHOWN = 10;
const PROGRESS_EVERY = 1_000;
const PLACE = ['id', 'stream', 'revision'] as const;

export interface Comparison {
  /** Number of compared events. */
  events: number;
  /** The first differences, described by ids and field names without personal data; empty: equal. */
  differences: string[];
}

/** Describes the difference between two events that should be equal; null when they are. */
export function differenceOf(one: RecordedEvent, other: RecordedEvent): string | null {
  if (PLACE.some((field) => one[field] !== other[field]))
    return `there is ${nameOf(one)} on one side and ${nameOf(other)} on the other`;
  const fields = [
    ...(['type', 'recordedAt'] as const).filter((field) => one[field] !== other[field]),
    ...(['data', 'metadata'] as const).flatMap((field) => fieldsThatDiffer(field, one[field], other[field])),
  ];
  return fields.length === 0 ? null : `${nameOf(one)} differs in ${fields.join(', ')}`;
}

/**
 * Compares two logs event by event: order, ids, types, revisions, times, data, metadata. Ends where the two hold
 * different events.
 */
export async function compareEvents(
  one: AsyncGenerator<PlacedEvent>,
  other: AsyncGenerator<PlacedEvent>,
  onProgress: (done: number) => void,
): Promise<Comparison> {
  const comparison: Comparison = { events: 0, differences: [] };
  try {
    while (await compareNext(one, other, comparison)) {
      comparison.events += 1;
      if (comparison.events % PROGRESS_EVERY === 0) onProgress(comparison.events);
    }
    return comparison;
  } finally {
    await one.return(undefined);
    await other.return(undefined);
  }
}

/** @returns whether to go on with the next event */
async function compareNext(
  one: AsyncGenerator<PlacedEvent>,
  other: AsyncGenerator<PlacedEvent>,
  { events, differences }: Comparison,
): Promise<boolean> {
  const [a, b] = await Promise.all([one.next(), other.next()]);
  const [left, right] = [a.done === true ? null : a.value.event, b.done === true ? null : b.value.event];
  const place = `event ${String(events + 1)}`;
  if (left === null || right === null) {
    const more = left ?? right;
    if (more)
      differences.push(
        `${place}: the ${left === null ? 'first' : 'second'} side has ended, the other goes on with ${nameOf(more)}`,
      );
    return false;
  }
  const difference = differenceOf(left, right);
  if (difference !== null) differences.push(`${place}: ${difference}`);
  return PLACE.every((field) => left[field] === right[field]) && differences.length < MOST_SHOWN;
}

function nameOf({ id, stream, revision }: RecordedEvent): string {
  return `event ${id} (revision ${String(revision)} of ${stream})`;
}

function fieldsThatDiffer(name: string, one: object, other: object): string[] {
  const [a, b] = [new Map<string, unknown>(Object.entries(one)), new Map<string, unknown>(Object.entries(other))];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => !isDeepStrictEqual(a.get(key), b.get(key)))
    .map((key) => `${name}.${key}`);
}
