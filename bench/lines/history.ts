import { side, type Line } from '../support/line.js';
import { createDatabase, type BenchDatabase } from '../support/databases.js';
import { Product } from '../support/product.js';
import { SETTINGS } from '../support/settings.js';
import { figure, quantile } from '../support/statistics.js';
import { fillEntries, fillGrants, madeUuid, PEOPLE } from './long-history.js';

const SHORT_ENTRIES = 1_000;
const SHORT_LOG = 100_000;
const REQUESTS = 200;
const WARM_UP = 60;
/** Goal: docs/performance/method.md, "What is measured" */
const GOAL = 3;

type Times = Record<string, number[]>;
interface Filled {
  product: Product;
  database: BenchDatabase;
  /** Calls below the organisation, by what they ask for. */
  calls: Record<string, string>;
}

/** Compares timelines of an organisation with many entries with the same pages of one with few. */
export async function history(): Promise<Line> {
  return compared(
    'history',
    `One page of a timeline out of ${figure(SETTINGS.rows)} entries, worst p99`,
    async (isLong) => {
      const filled = await start();
      await fillEntries(filled.database.url, filled.product.organisationId, isLong ? SETTINGS.rows : SHORT_ENTRIES);
      const [subject, actor] = [await madeUuid(filled.database.url, 'p7'), await madeUuid(filled.database.url, 'a7')];
      const middle = Math.ceil((isLong ? SETTINGS.rows : SHORT_ENTRIES) / 2);
      return {
        ...filled,
        calls: {
          'first page': 'history',
          'middle page': `history?before=${String(middle)}`,
          'kind of every thousandth': 'history?kind=staff.removed',
          'one actor': `history?actor=${actor}`,
          'one person': `history?subject=${subject}`,
          'kind of none': 'history?kind=patient.left',
        },
      };
    },
  );
}

/** Compares who held what in a long log with many ended memberships with the same in a short log without. */
export async function asOf(): Promise<Line> {
  return compared('as-of', `Who held what among ${figure(PEOPLE)} members, worst p99`, async (isLong) => {
    const filled = await start();
    await fillEntries(filled.database.url, filled.product.organisationId, isLong ? SETTINGS.rows : SHORT_LOG);
    await fillGrants(filled.database.url, filled.product.organisationId, PEOPLE, isLong ? SETTINGS.rows : 0);
    const person = await madeUuid(filled.database.url, 'p7');
    return {
      ...filled,
      calls: {
        now: 'access',
        'in the middle': `access?number=${String(isLong ? SETTINGS.rows / 2 : SHORT_LOG / 2)}`,
        'one person': `access?person=${person}`,
        'one permission': 'access?permission=patients.view',
      },
    };
  });
}

async function start(): Promise<Omit<Filled, 'calls'>> {
  const database = await createDatabase();
  return { database, product: await Product.start(database.url, null) };
}

async function compared(name: string, what: string, make: (isLong: boolean) => Promise<Filled>): Promise<Line> {
  const made: Filled[] = [];
  try {
    made.push(await make(false), await make(true));
    const [short, long]: [Times, Times] = [{}, {}];
    for (const one of made) await measureAll(one, WARM_UP, {});
    for (let n = 0; n < SETTINGS.repetitions; n++) {
      await measureAll(made[0], REQUESTS, short);
      await measureAll(made[1], REQUESTS, long);
    }
    return line(name, what, short, long);
  } finally {
    for (const { product, database } of made) {
      await product.stop();
      await database.drop();
    }
  }
}

function line(name: string, what: string, short: Times, long: Times): Line {
  const calls = Object.keys(long);
  const p99 = (times: Times, call: string): number => quantile(times[call] ?? [], 0.99);
  const ratioOf = (call: string): number => p99(long, call) / p99(short, call);
  const worst = calls.reduce((a, b) => (ratioOf(b) > ratioOf(a) ? b : a));
  const described = (call: string): string =>
    `${call}: p50 ${figure(quantile(long[call] ?? [], 0.5))} ms against ${figure(quantile(short[call] ?? [], 0.5))}, p99 ${figure(p99(long, call))} ms against ${figure(p99(short, call))}, ${ratioOf(call).toFixed(1)} ×`;
  return {
    name,
    what,
    ours: side(
      'long',
      'ms',
      calls.map((call) => p99(long, call)),
    ),
    other: side(
      'short',
      'ms',
      calls.map((call) => p99(short, call)),
    ),
    ratio: ratioOf(worst),
    goal: { text: `≤ ${String(GOAL)} ×`, met: ratioOf(worst) <= GOAL },
    notes: [`Worst: ${worst}. Both are filled by SQL, each in a database of its own.`, ...calls.map(described)],
    details: Object.fromEntries(calls.map((call) => [call, { shortP99: p99(short, call), longP99: p99(long, call) }])),
  };
}

async function measureAll(filled: Filled | undefined, requests: number, times: Times): Promise<void> {
  if (!filled) throw new TypeError('nothing is filled');
  const { product, calls } = filled;
  for (const [name, path] of Object.entries(calls)) {
    const took: number[] = [];
    for (let n = 0; n < requests; n++) {
      const startedAt = performance.now();
      await product.call('GET', `/v1/organisations/${product.organisationId}/${path}`);
      took.push(performance.now() - startedAt);
    }
    times[name] = [...(times[name] ?? []), ...took];
  }
}
