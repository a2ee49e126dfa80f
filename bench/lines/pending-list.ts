import { side, type Line } from '../support/line.js';
import { createDatabase, type BenchDatabase } from '../support/databases.js';
import { Product } from '../support/product.js';
import { SETTINGS } from '../support/settings.js';
import { figure, quantile } from '../support/statistics.js';
import { fillInvitations, middleByAddress, middleCursor } from './long-list.js';

const SHORT = 1_000;
const REQUESTS = 300;
const WARM_UP = 100;
/** Goal: docs/performance/method.md, "What is measured" */
const GOAL = 3;

/** Milliseconds of every request, by page. */
type Times = Record<string, number[]>;
interface List {
  product: Product;
  database: BenchDatabase;
  /** The orders and filters that the goal is about. */
  pages: Record<string, string>;
  /** Searches are reported apart, because their time depends on how many addresses share groups of letters. */
  searches: Record<string, string>;
}

/**
 * Compares pages of a long list with the same pages of a short one. It sends one request after the other, and the lists
 * take turns.
 */
export async function pendingList(): Promise<Line> {
  const lists: List[] = [];
  try {
    lists.push(await makeList(SHORT), await makeList(SETTINGS.rows));
    const [short, long]: [Times, Times] = [{}, {}];
    for (const list of lists) await measureAll(list, WARM_UP);
    for (let n = 0; n < SETTINGS.repetitions; n++) {
      add(short, await measureAll(lists[0], REQUESTS));
      add(long, await measureAll(lists[1], REQUESTS));
    }
    return line(short, long, Object.keys(lists[0]?.pages ?? {}));
  } finally {
    for (const { product, database } of lists) {
      await product.stop();
      await database.drop();
    }
  }
}

function line(short: Times, long: Times, pages: readonly string[]): Line {
  const searches = Object.keys(long).filter((page) => !pages.includes(page));
  const p99 = (times: Times, page: string): number => quantile(times[page] ?? [], 0.99);
  const ratioOf = (page: string): number => p99(long, page) / p99(short, page);
  const worst = pages.reduce((a, b) => (ratioOf(b) > ratioOf(a) ? b : a));
  const described = (page: string): string =>
    `${page}: p50 ${figure(quantile(long[page] ?? [], 0.5))} ms against ${figure(quantile(short[page] ?? [], 0.5))}, p99 ${figure(p99(long, page))} ms against ${figure(p99(short, page))}, ${ratioOf(page).toFixed(1)} ×`;
  return {
    name: 'list',
    what: `One page of the pending list out of ${figure(SETTINGS.rows)}, worst p99`,
    ours: side(
      'long list',
      'ms',
      pages.map((page) => p99(long, page)),
    ),
    other: side(
      `out of ${figure(SHORT)}`,
      'ms',
      pages.map((page) => p99(short, page)),
    ),
    ratio: ratioOf(worst),
    goal: { text: `≤ ${String(GOAL)} ×`, met: ratioOf(worst) <= GOAL },
    notes: [
      `Worst: ${worst}. The figures in the table are the median (least–most) of the pages' p99.`,
      ...pages.map(described),
      'Both lists are filled by SQL, each in a database of its own. Apart from the goal:',
      ...searches.map(described),
    ],
    details: Object.fromEntries(
      [...pages, ...searches].map((page) => [page, { shortP99: p99(short, page), longP99: p99(long, page) }]),
    ),
  };
}

async function makeList(rows: number): Promise<List> {
  const database = await createDatabase();
  const product = await Product.start(database.url, null);
  await fillInvitations(database.url, product.organisationId, rows);
  return {
    database,
    product,
    pages: {
      'first page': 'state=pending',
      'middle page': `state=pending&cursor=${await middleCursor(database.url, rows)}`,
      'all states': '',
      'state of every tenth': 'state=revoked',
      'role of every fourth': 'state=pending&role=contributor',
      'by expiry': 'sort=expiresAt',
      'by address': 'sort=email',
      'by address, middle page': `sort=email&cursor=${middleByAddress(rows)}`,
      'state of none': 'state=expired',
      'role of every thousandth': 'role=organisation-owner',
    },
    searches: {
      'search for one address': `q=person-${String(rows - 1)}@`,
      'search that finds none': 'q=nobody-like-this',
    },
  };
}

async function measureAll(list: List | undefined, requests: number): Promise<Times> {
  if (!list) throw new TypeError('no list');
  const times: Times = {};
  for (const [page, query] of Object.entries({ ...list.pages, ...list.searches }))
    times[page] = await measure(list.product, query, requests);
  return times;
}

async function measure(product: Product, query: string, requests: number): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < requests; n++) {
    const startedAt = performance.now();
    await product.call('GET', `${product.invitations}?${query}`);
    took.push(performance.now() - startedAt);
  }
  return took;
}

function add(to: Times | undefined, more: Times): void {
  for (const [page, took] of Object.entries(more)) if (to) to[page] = [...(to[page] ?? []), ...took];
}
