// The process behind the line `appends`. It runs our event store alone, without HTTP.
import { randomUUID } from 'node:crypto';
import { ENTITIES } from '../../src/bootstrap/entities.js';
import { MIGRATIONS } from '../../src/migrations/migrations.js';
import { Database } from '../../src/shared/database/database.js';
import { STREAM_DOES_NOT_EXIST, type NewEvent } from '../../src/shared/event-sourcing/event-store.js';
import { PostgresEventStore } from '../../src/shared/event-sourcing/postgres/postgres-event-store.js';
import { quantile } from '../support/statistics.js';

export interface AppendTask {
  url: string;
  callers: number;
  seconds: number;
}

export interface AppendResult {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** An event as the process appended it. */
  example: NewEvent;
}

process.once('message', (task: AppendTask) => void run(task).then((result) => process.send?.(result)));

async function run({ url, callers, seconds }: AppendTask): Promise<AppendResult> {
  const database = await Database.open({ url, entities: ENTITIES, migrations: MIGRATIONS });
  const store = new PostgresEventStore(database);
  const took: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  const caller = async (): Promise<void> => {
    for (let began = performance.now(); began < endsAt; began = performance.now()) {
      await store.append({
        stream: `staff-${randomUUID()}`,
        expectedRevision: STREAM_DOES_NOT_EXIST,
        events: [invitationIssued()],
      });
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const lasted = (performance.now() - startedAt) / 1000;
  await store.close();
  await database.close();
  return {
    perSecond: took.length / lasted,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    example: invitationIssued(),
  };
}

/** The event that an invitation stores, in its usual size. */
function invitationIssued(): NewEvent {
  const id = randomUUID();
  return {
    id,
    type: 'InvitationIssued',
    data: {
      invitationId: id,
      personId: id,
      grant: { role: 'contributor' },
      window: '7d',
      locale: 'en',
      issue: 1,
      expiresAt: '2026-01-12T10:00:00.000Z',
    },
    metadata: {
      actor: id,
      organisationId: id,
      scope: { kind: 'organisation', id },
      schemaVersion: 1,
      $correlationId: id,
      $causationId: id,
      commandId: id,
    },
  };
}
