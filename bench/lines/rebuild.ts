import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { side, type Line } from '../support/line.js';
import { createDatabase, onDatabase } from '../support/databases.js';
import { countOf, postgresProgram, waitFor } from '../support/processes.js';
import { Product } from '../support/product.js';
import { SETTINGS } from '../support/settings.js';
import { figure, figures, spreadOf } from '../support/statistics.js';
import { sql } from 'kysely';

const CALLS = 3;
const ADDRESSES = 10_000;

/** Compares a replay of the log into the invitation list with COPY of the resulting rows. */
export async function rebuild(): Promise<Line> {
  const psql = postgresProgram('psql');
  const database = await createDatabase();
  // There is no mail server, because the line measures the read model.
  const product = await Product.start(database.url, null);
  const lists: number[] = [];
  const directories: number[] = [];
  const copies: number[] = [];
  try {
    await fill(product);
    const events = await countOf(database.url, 'event');
    const rows = await countOf(database.url, 'invitation');
    await onDatabase(database.url, async (db) => sql`vacuum analyze`.execute(db));
    for (let n = 0; n < SETTINGS.repetitions; n++) {
      if (psql) copies.push(rows / (await copySeconds(psql, database.url)));
      lists.push(events / (await rebuildSeconds(product, 'invitation-list')));
      directories.push(events / (await rebuildSeconds(product, 'person-directory')));
      if ((await countOf(database.url, 'invitation')) !== rows) throw new Error('the rebuilt list is not the live one');
    }
    return line(events, lists, directories, psql ? copies : null);
  } finally {
    await product.stop();
    await database.drop();
  }
}

function line(events: number, lists: number[], directories: number[], copies: number[] | null): Line {
  const our = side('rebuild', 'events/s', lists);
  const other = copies && side('COPY', 'rows/s', copies);
  return {
    name: 'rebuild',
    what: `Rebuilding the invitation list from ${figure(events)} events`,
    ours: our,
    other,
    ratio: other && our.spread.median / other.spread.median,
    goal: null,
    notes: [
      `The person directory, whose addresses are unsealed one by one: ${figures(spreadOf(directories))} events/s.`,
      other
        ? 'COPY: the same rows into a table with the same constraints and indexes, timed by psql.'
        : 'COPY not measured: psql not found.',
    ],
    details: { lists, directories, copies },
  };
}

/** Invites people and waits until all mails are written. */
async function fill(product: Product): Promise<void> {
  let head = '';
  for (let n = 0; n < CALLS; n++) {
    const emails = Array.from({ length: ADDRESSES }, (_, k) => `person-${String(n)}-${String(k)}@bench.test`);
    head = (await product.call('POST', product.invitations, { body: { role: 'contributor', emails } })).position ?? '';
  }
  await product.readModelsAt(head);
  await product.mailIsOut();
}

/** Returns the seconds until the rebuilt read model has replaced the live one. */
async function rebuildSeconds(product: Product, projection: string): Promise<number> {
  const startedAt = performance.now();
  await product.call('POST', `/v1/projections/${projection}/rebuild`);
  await waitFor(
    'the rebuild',
    async () => {
      const { items } = (await product.call('GET', '/v1/projections')).body as {
        items: { name: string; rebuild: object | null }[];
      };
      return items.every(({ name, rebuild }) => name !== projection || rebuild === null);
    },
    600_000,
  );
  return (performance.now() - startedAt) / 1000;
}

async function copySeconds(psql: string, url: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-copy-'));
  const file = join(folder, 'rows');
  const run = async (...commands: string[]) =>
    promisify(execFile)(psql, ['-X', '-v', 'ON_ERROR_STOP=1', ...commands.flatMap((command) => ['-c', command]), url]);
  try {
    await run(
      `\\copy invitation to '${file}'`,
      'drop table if exists copied',
      'create table copied (like invitation including all)',
    );
    const { stdout } = await run('\\timing on', `\\copy copied from '${file}'`);
    return Number(/Time: ([\d.]+) ms/.exec(stdout)?.[1]) / 1000;
  } finally {
    await rm(folder, { recursive: true });
  }
}
