import { side, type Line } from '../support/line.js';
import { createDatabase } from '../support/databases.js';
import { Product } from '../support/product.js';
import { SETTINGS } from '../support/settings.js';
import { figure, quantile } from '../support/statistics.js';
import { fillOrganisation } from './full-organisation.js';
import { middleCursor } from './long-list.js';

const DEPLOYMENTS = 9;
const ROLES = 10;
const REQUESTS = 100;
const WARM_UP = 50;
/** Goal: docs/performance/method.md, "What is measured" */
const GOAL_MS = 50;

/** The time of the pages of a large organisation, from the request until the whole answer is there. */
export async function pages(): Promise<Line> {
  const database = await createDatabase();
  const product = await Product.start(database.url, null);
  try {
    const paths = await makePages(product, database.url);
    const times: Record<string, number[]> = {};
    for (const path of Object.values(paths)) await measure(product, path, WARM_UP);
    for (let n = 0; n < SETTINGS.repetitions; n++)
      for (const [page, path] of Object.entries(paths))
        times[page] = [...(times[page] ?? []), ...(await measure(product, path, REQUESTS))];
    return line(times);
  } finally {
    await product.stop();
    await database.drop();
  }
}

function line(times: Record<string, number[]>): Line {
  const of = (page: string, q: number): number => quantile(times[page] ?? [], q);
  const names = Object.keys(times);
  const worst = names.reduce((a, b) => (of(b, 0.95) > of(a, 0.95) ? b : a));
  return {
    name: 'pages',
    what: `A page of an organisation with ${figure(SETTINGS.people)} people, worst p95`,
    ours: side(
      'pages',
      'ms',
      names.map((page) => of(page, 0.95)),
    ),
    other: null,
    ratio: null,
    goal: { text: `≤ ${String(GOAL_MS)} ms`, met: of(worst, 0.95) <= GOAL_MS },
    notes: [
      `Worst: ${worst}. The figures in the table are the median (least–most) of the pages' p95.`,
      ...names.map(
        (page) =>
          `${page}: p50 ${figure(of(page, 0.5))} ms, p95 ${figure(of(page, 0.95))}, p99 ${figure(of(page, 0.99))}`,
      ),
    ],
    details: Object.fromEntries(
      names.map((page) => [page, { p50: of(page, 0.5), p95: of(page, 0.95), p99: of(page, 0.99) }]),
    ),
  };
}

/** Fills an organisation. Returns the path of each page. */
async function makePages(product: Product, url: string): Promise<Record<string, string>> {
  const { organisationId } = product;
  const at = `/v1/organisations/${organisationId}`;
  const deploymentIds: string[] = [];
  for (let n = 0; n < DEPLOYMENTS; n++) {
    const { body } = await product.call('POST', `${at}/deployments`, { body: { name: `Programme ${String(n)}` } });
    deploymentIds.push((body as { id: string }).id);
  }
  for (let n = 0; n < ROLES; n++)
    await product.call('POST', `${at}/roles`, { body: { name: `Role ${String(n)}`, permissions: ['patients.view'] } });
  const { batchId, middleOfStaff } = await fillOrganisation(url, organisationId, deploymentIds, SETTINGS.people);
  const place = `/portal/organisations/${organisationId}`;
  const deployment = `/portal/deployments/${deploymentIds[0] ?? ''}`;
  return {
    start: '/',
    overview: place,
    users: `${place}/staff`,
    'users, a search': `${place}/staff?q=person-${String(SETTINGS.people - 1)}@`,
    'users, from the middle': `${place}/staff?where=here&cursor=${middleOfStaff}`,
    invites: `${place}/staff/invitations`,
    'invites, a search': `${place}/staff/invitations?q=person-${String(SETTINGS.people - 1)}@`,
    'invites of every state, from the middle': `${place}/staff/invitations?state=&where=here&cursor=${await middleCursor(url, SETTINGS.people)}`,
    batches: `${place}/staff/batches`,
    'a batch': `${place}/staff/batches/${batchId}`,
    roles: `${place}/roles`,
    'the form to invite': `${place}/staff/invite`,
    settings: `${place}/settings`,
    'a deployment': deployment,
    patients: `${deployment}/patients`,
    'patients, a search': `${deployment}/patients?q=person-${String(SETTINGS.people)}@`,
    observers: `${deployment}/observers`,
    organisations: '/portal/platform',
    'all deployments': '/portal/platform/deployments',
    operations: '/portal/platform/operations',
    'mails that were not sent': '/portal/platform/operations/mails',
    history: `${place}/history`,
    access: `${place}/access`,
  };
}

async function measure(product: Product, path: string, requests: number): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < requests; n++) {
    const startedAt = performance.now();
    await product.page(path);
    took.push(performance.now() - startedAt);
  }
  return took;
}
