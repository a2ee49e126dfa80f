import { sql } from 'kysely';
import { lines, uuids } from '../../../shared/database/lists.js';
import type { StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { Projection, Transaction } from '../../../shared/projections/projection.js';
import { type Books, foldEvent, nameGivenBy } from '../fold/fold-event.js';
import { type EntryRow, subjectNamedBy, subjectStream } from '../fold/history-entry.js';
import { isMembership } from '../fold/kinds.js';
import { EntryNumbering, LogClock } from '../fold/numbering.js';
import { type Period, PeriodBook } from '../fold/period.js';
import { HISTORY_TABLES } from './history-tables.js';

export const HISTORY = 'history';

/**
 * Writes an entry for every event, and the periods that events open and close. One projection fills all tables, so that
 * their numbers agree. Source: ADR 0050
 */
export function historyProjection(): Projection {
  return {
    name: HISTORY,
    tables: HISTORY_TABLES.map(({ meta }) => String(meta.name)),
    async apply(events, trx) {
      const rows = await numbered(events, trx);
      const moments = rows.map(({ number, effective_at: at, event_id: eventId }) => ({ number, at, eventId }));
      const books = await booksFor(events, trx);
      for (const [n, event] of events.entries()) {
        const moment = moments[n];
        if (!moment) throw new TypeError('the event has no number');
        foldEvent(event, moment, books);
      }
      await insert(trx, 'history_entry', rows);
      await write(trx, 'grant_period', books.grants);
      await write(trx, 'offer_period', books.offers);
      await write(trx, 'exception_period', books.exceptions);
      await write(trx, 'role_definition_period', books.definitions);
      await write(trx, 'scope_period', books.scopes);
      await write(trx, 'person_name_period', books.names);
    },
  };
}

/** Gives the events their numbers, effective times and subjects. */
async function numbered(events: readonly StoredEvent[], trx: Transaction): Promise<EntryRow[]> {
  const last = await lastEntry(trx);
  const ofOrganisations = await organisationNumbers(trx, events);
  const clock = new LogClock(last?.number, last?.effective_at);
  const numbering = new EntryNumbering(clock, ofOrganisations, await subjectsOf(trx, events));
  return events.map((event) => numbering.next(event));
}

async function lastEntry(trx: Transaction): Promise<{ number: number; effective_at: string } | undefined> {
  const { rows } = await sql<{ number: number; effective_at: string }>`
    select e.number::float8 as number, to_char(e.effective_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as effective_at
    from ${sql.table('history_entry')} e order by e.number desc limit 1`.execute(trx);
  return rows[0];
}

async function organisationNumbers(trx: Transaction, events: readonly StoredEvent[]): Promise<Map<string, number>> {
  const ids = new Set(events.flatMap(({ metadata }) => metadata.organisationId ?? []));
  if (ids.size === 0) return new Map();
  const { rows } = await sql<{ id: string; number: number }>`
    select asked.id, found.number::float8 as number from unnest(${uuids(ids)}) asked(id) cross join lateral
      (select organisation_number as number from ${sql.table('history_entry')} e
       where e.organisation_id = asked.id order by e.number desc limit 1) found`.execute(trx);
  return new Map(rows.map(({ id, number }) => [id, number]));
}

/** The subject that the first event of a stream names, by stream. */
async function subjectsOf(trx: Transaction, events: readonly StoredEvent[]): Promise<Map<string, string>> {
  const streams = new Set(
    events.flatMap((event) => (subjectNamedBy(event) === null ? (subjectStream(event) ?? []) : [])),
  );
  if (streams.size === 0) return new Map();
  const { rows } = await sql<{ stream: string; subject: string }>`
    select asked.stream, found.subject from unnest(${lines([...streams])}) asked(stream) cross join lateral
      (select subject from ${sql.table('history_entry')} e
       where e.stream = asked.stream and e.subject is not null order by e.number limit 1) found`.execute(trx);
  return new Map(rows.map(({ stream, subject }) => [stream, subject]));
}

/** The open periods of everything that the events are about. */
async function booksFor(events: readonly StoredEvent[], trx: Transaction): Promise<Books> {
  const ids = (...categories: string[]): string[] => [
    ...new Set(
      events.flatMap(({ stream }) => {
        const { category, uuid } = StreamId.parse(stream);
        return categories.includes(category) ? [uuid] : [];
      }),
    ),
  ];
  // A person's memberships of one scope share their id, so the stream tells them apart.
  const memberships = [
    ...new Set(events.map(({ stream }) => stream).filter((stream) => isMembership(StreamId.parse(stream).category))),
  ];
  const scopes = ids('organisation', 'deployment', 'group');
  return {
    grants: new PeriodBook(await openPeriods(trx, 'grant_period', memberships)),
    offers: new PeriodBook(await openPeriods(trx, 'offer_period', memberships)),
    exceptions: new PeriodBook(await openExceptions(trx, ids('groupFile'), ids('groupMember'))),
    definitions: new PeriodBook(await openDefinitions(trx, events)),
    scopes: new PeriodBook(await openPeriods(trx, 'scope_period', scopes)),
    names: new PeriodBook(await openPeriods(trx, 'person_name_period', namedPeople(events))),
  };
}

async function openPeriods<Row extends Period>(
  trx: Transaction,
  table: string,
  keys: readonly string[],
): Promise<Row[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<{ row: Row }>`select to_json(t) as row from ${sql.table(table)} t
    where key = any(${lines(keys)}) and to_number is null`.execute(trx);
  return rows.map(({ row }) => row);
}

async function openExceptions<Row extends Period>(
  trx: Transaction,
  files: readonly string[],
  members: readonly string[],
): Promise<Row[]> {
  if (files.length === 0 && members.length === 0) return [];
  const { rows } = await sql<{ row: Row }>`select to_json(t) as row from ${sql.table('exception_period')} t
    where (file_id = any(${lines(files)}) or member_id = any(${lines(members)})) and to_number is null`.execute(trx);
  return rows.map(({ row }) => row);
}

async function openDefinitions<Row extends Period>(trx: Transaction, events: readonly StoredEvent[]): Promise<Row[]> {
  const custom = events.flatMap(({ data }) => (typeof data['roleId'] === 'string' ? [data['roleId']] : []));
  const ofRelease = events.some(({ type }) => type === 'BuiltInRolesChanged');
  if (custom.length === 0 && !ofRelease) return [];
  const builtIn = ofRelease ? sql`or organisation_id is null` : sql``;
  const { rows } = await sql<{ row: Row }>`select to_json(t) as row from ${sql.table('role_definition_period')} t
    where (key = any(${lines(custom)}) ${builtIn}) and to_number is null`.execute(trx);
  return rows.map(({ row }) => row);
}

function namedPeople(events: readonly StoredEvent[]): string[] {
  return events.flatMap((event) => (nameGivenBy(event) ? (subjectNamedBy(event) ?? []) : []));
}

/** Passes the rows as one JSON parameter, so that one statement serves any number of rows on both drivers. */
async function insert(trx: Transaction, table: string, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const into = sql.table(table);
  await sql`insert into ${into} select * from json_populate_recordset(null::${into}, ${JSON.stringify(rows)}::json)`.execute(
    trx,
  );
}

async function write<Row extends Period>(trx: Transaction, table: string, book: PeriodBook<Row>): Promise<void> {
  const periods = sql.table(table);
  const { opened, closed } = book.settle();
  if (closed.length > 0)
    await sql`update ${periods} as period set to_number = ended.to_number, to_at = ended.to_at, closed_by = ended.closed_by
      from json_populate_recordset(null::${periods}, ${JSON.stringify(closed)}::json) ended
      where period.key = ended.key and period.from_number = ended.from_number`.execute(trx);
  await insert(trx, table, opened);
}
