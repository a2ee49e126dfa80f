import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { side, type Line } from '../support/line.js';
import { createDatabase, onDatabase } from '../support/databases.js';
import { inProcess, postgresProgram } from '../support/processes.js';
import { CONNECTIONS, SETTINGS } from '../support/settings.js';
import type { AppendResult, AppendTask } from './appends-process.js';
import { sql } from 'kysely';
import { figure, quantile } from '../support/statistics.js';

/** Goal: docs/performance/method.md, "What is measured" */
const GOAL = 1;
const WARM_UP_SECONDS = 2;

/** A table with the log's columns, constraints and indexes, which plain INSERTs fill. */
const PLAIN_TABLE = [
  'create table plain_event (like event including all)',
  'create sequence plain_position',
  "alter table plain_event alter column position set default nextval('plain_position')",
];

/**
 * One row per statement and transaction. It holds what an event holds, without an expected revision and without an
 * order of commits.
 */
function insertOf(event: AppendResult['example']): string {
  const [data, metadata] = [event.data, event.metadata].map((json) => JSON.stringify(json).replaceAll("'", "''"));
  return `insert into plain_event (stream, revision, id, type, data, metadata, recorded_at) values ('staff-' || gen_random_uuid(), 0, gen_random_uuid(), '${event.type}', '${data ?? ''}', '${metadata ?? ''}', clock_timestamp());\n`;
}

/**
 * Compares 32 callers, which append single events to new streams, with 32 clients of pgbench, which insert single rows.
 */
export async function appends(): Promise<Line> {
  const pgbench = postgresProgram('pgbench');
  const database = await createDatabase();
  const ours: AppendResult[] = [];
  const inserts: number[] = [];
  const task = { url: database.url, callers: CONNECTIONS, seconds: SETTINGS.seconds } satisfies AppendTask;
  try {
    const { example } = await inProcess<AppendResult>('../lines/appends-process.js', {
      ...task,
      seconds: WARM_UP_SECONDS,
    });
    await onDatabase(database.url, async (db) => {
      for (const statement of PLAIN_TABLE) await sql.raw(statement).execute(db);
    });
    for (let n = 0; n < SETTINGS.repetitions; n++) {
      if (pgbench) inserts.push(await insertRate(pgbench, database.url, insertOf(example)));
      ours.push(await inProcess<AppendResult>('../lines/appends-process.js', task));
    }
  } finally {
    await database.drop();
  }
  const our = side(
    'EventStore',
    'appends/s',
    ours.map(({ perSecond }) => perSecond),
  );
  const other = pgbench ? side('pgbench', 'INSERTs/s', inserts) : null;
  const ratio = other && our.spread.median / other.spread.median;
  return {
    name: 'appends',
    what: `${String(CONNECTIONS)} concurrent single appends`,
    ours: our,
    other,
    ratio,
    goal: { text: `≥ ${String(GOAL)} ×`, met: ratio !== null && ratio >= GOAL },
    notes: [
      `p99 of an append: ${figure(
        quantile(
          ours.map(({ p99 }) => p99),
          0.5,
        ),
      )} ms.`,
      pgbench
        ? 'pgbench: prepared statements, a table with the same columns, constraints and indexes.'
        : 'INSERTs not measured: pgbench not found.',
    ],
    details: { ours, inserts },
  };
}

async function insertRate(pgbench: string, url: string, statement: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-pgbench-'));
  try {
    await writeFile(join(folder, 'insert.sql'), statement);
    const args = [
      '-n',
      '-M',
      'prepared',
      '-c',
      String(CONNECTIONS),
      '-j',
      '2',
      '-T',
      String(SETTINGS.seconds),
      '-f',
      join(folder, 'insert.sql'),
      url,
    ];
    const { stdout } = await promisify(execFile)(pgbench, args);
    return Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  } finally {
    await rm(folder, { recursive: true });
  }
}
