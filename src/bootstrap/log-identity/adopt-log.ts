import { randomUUID } from 'node:crypto';
import { ownershipStream } from '../../modules/access/owner-guard/owner-guard.js';
import { PLATFORM } from '../../modules/access/scope-ref.js';
import type { Database } from '../../shared/database/database.js';
import { SYSTEM } from '../../shared/event-sourcing/command-handling.js';
import { deterministicId } from '../../shared/event-sourcing/stream-id.js';
import { SCHEMA_VERSION } from '../../shared/event-sourcing/event-shapes.js';
import {
  STREAM_DOES_NOT_EXIST,
  requireText,
  WrongRevision,
  type EventStore,
  type StoredEvent,
} from '../../shared/event-sourcing/event-store.js';
import type { LogIdentityDomainEvents } from './log-identity.events.js';
import { isAnybodyRecorded, recordedLogId, recordLogId } from './log-identity-table.js';

/** No follower, export or import reads this stream, because no module declares its category. */
const STREAM = `logIdentity-${PLATFORM.id}`;

/** The database and the event log belong to different installations. */
export class LogNotOurs extends Error {
  override readonly name = 'LogNotOurs';

  /**
   * @param recorded the log id in the database; null: it has none
   * @param opened the log's own id; null: it has none
   */
  constructor(recorded: string | null, opened: string | null) {
    super(
      `${recorded === null ? 'the database belongs to no log yet' : `the database belongs to the log ${recorded}`}, and the event log ` +
        `${opened === null ? 'has no id' : `is ${opened}`}: they are not one installation's (docs/eventstoredb.md, "Whose log is this?")`,
    );
  }
}

/** The log id on both sides; null where a side has none. */
interface Ids {
  recorded: string | null;
  opened: string | null;
}

/**
 * Makes sure that the database and the log belong to one installation before the product writes to either.
 * Writes a missing id to the database first, so that instances that start together agree on it.
 * @throws LogNotOurs, EventStoreUnavailable
 */
export async function adoptLog(database: Database, store: EventStore): Promise<void> {
  const ids = await idsOn(database, store);
  if (agree(ids)) return;
  const { recorded, opened } = ids;
  const lacksOne = recorded === null || opened === null;
  if (lacksOne && (await belongTogether(database, store)))
    await openLog(store, await recordLogId(database.kysely(), opened ?? randomUUID()));
  // Reads again, because another instance that starts at the same time may have written both ids meanwhile.
  else if (!agree(await idsOn(database, store))) throw new LogNotOurs(recorded, opened);
}

/**
 * Checks that the database and the log belong to one installation, and writes nothing.
 * @throws LogNotOurs, EventStoreUnavailable
 */
export async function mustBelongTogether(database: Database, store: EventStore): Promise<void> {
  const ids = await idsOn(database, store);
  if (!agree(ids)) throw new LogNotOurs(ids.recorded, ids.opened);
}

/**
 * Returns the id of the log that an import fills: the log's own id where it has one, else a new one.
 * @param isInDatabase the log is in the database, so it can't belong to another installation
 * @throws LogNotOurs, EventStoreUnavailable
 */
export async function logIdOfTarget(database: Database, store: EventStore, isInDatabase: boolean): Promise<string> {
  const opened = logIdFrom(await store.read(STREAM));
  if (opened === null) return randomUUID();
  if (!isInDatabase) await adoptLog(database, store);
  return opened;
}

/**
 * Writes the id into the log, unless the log has it already.
 * @throws LogNotOurs when the log has another id, EventStoreUnavailable
 */
export async function openLog(store: EventStore, logId: string): Promise<void> {
  const data: LogIdentityDomainEvents['LogOpened'] = { logId };
  const cause = { $correlationId: logId, $causationId: logId, commandId: logId };
  const metadata = { actor: SYSTEM, organisationId: null, scope: PLATFORM, schemaVersion: SCHEMA_VERSION, ...cause };
  try {
    await store.append({
      stream: STREAM,
      expectedRevision: STREAM_DOES_NOT_EXIST,
      events: [{ id: deterministicId(logId, 'LogOpened'), type: 'LogOpened', data: { ...data }, metadata }],
    });
  } catch (error) {
    if (!(error instanceof WrongRevision)) throw error;
    const opened = logIdFrom(await store.read(STREAM));
    if (opened !== logId) throw new LogNotOurs(logId, opened);
  }
}

/** Returns null when the log has no id yet. */
export function logIdFrom(history: readonly StoredEvent[]): string | null {
  const [opening] = history;
  return opening ? requireText(opening.data, 'logId') : null;
}

async function idsOn(database: Database, store: EventStore): Promise<Ids> {
  return { recorded: await recordedLogId(database.kysely()), opened: logIdFrom(await store.read(STREAM)) };
}

function agree({ recorded, opened }: Ids): boolean {
  return recorded !== null && recorded === opened;
}

/**
 * Returns true when both are empty, or when the database holds a person whom the log once registered as super-admin.
 */
async function belongTogether(database: Database, store: EventStore): Promise<boolean> {
  const registrations = (await store.read(ownershipStream(PLATFORM))).filter(({ type }) => type === 'OwnerRegistered');
  if (registrations.length > 0)
    return isAnybodyRecorded(
      database.kysely(),
      registrations.map(({ data }) => requireText(data, 'personId')),
    );
  return !(await isAnybodyRecorded(database.kysely(), null)) && !(await store.isAnythingAfter(null, store.categories));
}
