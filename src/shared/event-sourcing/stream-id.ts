import { parse, v5 } from 'uuid';

/** Namespace of every derived id. Permanent, because a change would rename every stream. */
const ROLECALL = parse('b3c1d2f0-6c1e-5a53-9d5e-52a1f7d0c0de');

/** Derives a UUID from its parts: the same parts give the same id on every machine. */
export function deterministicId(...parts: readonly string[]): string {
  // The library takes twice as long for texts as for bytes, and every address of a call needs five ids.
  return v5(Buffer.from(parts.join('|')), ROLECALL);
}

/** The name of a stream: `<category>-<uuid>`. */
export const StreamId = {
  of(category: string, uuid: string): string {
    return `${category}-${uuid}`;
  },

  /**
   * Splits a name at its first hyphen. A name without a hyphen has an empty category, because it isn't one of the
   * product's.
   */
  parse(stream: string): { category: string; uuid: string } {
    const hyphen = stream.indexOf('-');
    return { category: stream.slice(0, Math.max(0, hyphen)), uuid: stream.slice(hyphen + 1) };
  },
};
