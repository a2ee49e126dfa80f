import { sql, type Kysely } from 'kysely';

/** The text of a column in a row, or a log line. */
export interface Trace {
  /** `table.column`, or another name of the place. */
  place: string;
  text: string;
}

const MAX_DEPTH = 3;
const BASE64 = /[A-Za-z0-9+/_-]{11,}/g;
const HEX = /[0-9a-fA-F]{16,}/g;
const JSON_TEXT = /"(?:[^"\\]|\\.)*"/g;

/** Every column of every row of every table, in all schemas. */
export async function tracesInDatabase(db: Kysely<Record<string, never>>): Promise<Trace[]> {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`.execute(db);
  const traces: Trace[] = [];
  for (const { schema, name } of tables) {
    const { rows } = await sql<{
      row: string;
    }>`select row_to_json(t)::text as row from ${sql.id(schema, name)} t`.execute(db);
    for (const { row } of rows) {
      for (const [column, value] of Object.entries(JSON.parse(row) as Record<string, unknown>)) {
        if (value !== null)
          traces.push({ place: `${name}.${column}`, text: typeof value === 'string' ? value : JSON.stringify(value) });
      }
    }
  }
  return traces;
}

/** The places that contain one of these texts in any case, also inside JSON, base64, hex or percent-encoding. */
export function placesOf(traces: readonly Trace[], texts: readonly string[]): string[] {
  const wanted = texts.map((text) => ({ text, folded: fold(text) }));
  return found(traces, (readable) =>
    wanted.filter(({ folded }) => fold(readable).includes(folded)).map(({ text }) => text),
  );
}

/** The places that contain one of these byte strings. */
export function placesOfBytes(traces: readonly Trace[], bytes: readonly Buffer[]): string[] {
  return found(traces, (readable) =>
    bytes.filter((some) => readable.includes(some.toString('latin1'))).map((some) => some.toString('hex')),
  );
}

function found(traces: readonly Trace[], search: (readable: string) => string[]): string[] {
  const places = new Set<string>();
  for (const { place, text } of traces)
    for (const readable of readings(text)) for (const hit of search(readable)) places.add(`${place}: ${hit}`);
  return [...places].sort();
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** The text itself, and all texts that MAX_DEPTH decodings can find in it. */
function readings(text: string): Set<string> {
  const seen = new Set([text]);
  let newest = [text];
  for (let depth = 0; depth < MAX_DEPTH && newest.length > 0; depth += 1) {
    newest = [...new Set(newest.flatMap(decodings))].filter((reading) => !seen.has(reading));
    for (const reading of newest) seen.add(reading);
  }
  return seen;
}

function decodings(text: string): string[] {
  return [
    ...unquoted(text),
    ...percentDecoded(text),
    ...decoded(text, BASE64, 'base64', 4),
    ...decoded(text, HEX, 'hex', 2),
  ];
}

/** The contents of JSON strings in the text, because `\u00eb` and `\"` hide a word otherwise. */
function unquoted(text: string): string[] {
  return (text.match(JSON_TEXT) ?? []).flatMap((quoted) => {
    try {
      const value: unknown = JSON.parse(quoted);
      return typeof value === 'string' && value.length > 7 ? [value] : [];
    } catch {
      return [];
    }
  });
}

function percentDecoded(text: string): string[] {
  if (!/%[0-9A-Fa-f]{2}/.test(text)) return [];
  return [text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))];
}

/**
 * Each run decoded, as text and byte for byte, from several offsets, because an encoded text may begin anywhere in it.
 */
function decoded(text: string, runs: RegExp, encoding: 'base64' | 'hex', offsets: number): string[] {
  return (text.match(runs) ?? []).flatMap((run) =>
    Array.from({ length: offsets }, (_, offset) => Buffer.from(run.slice(offset), encoding)).flatMap((bytes) => [
      bytes.toString('utf8'),
      bytes.toString('latin1'),
    ]),
  );
}
