import { side, type Line } from '../support/line.js';
import { createDatabase } from '../support/databases.js';
import { load } from '../support/load.js';
import { Peer } from '../support/peer.js';
import { Product } from '../support/product.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { SETTINGS } from '../support/settings.js';
import { figure, quantile } from '../support/statistics.js';

const ADDRESSES = 10_000;
/**
 * A peer that would take longer is measured for `WINDOW_SECONDS` and extrapolated. This favours the peer, because it
 * slows down as its table grows.
 */
const FULLY_WITHIN_SECONDS = 60;
const WINDOW_SECONDS = 20;
const PAGE = 200;
/** Goal and aim: docs/performance/method.md, "What is measured" */
const GOAL = 20;
const AIM = 50;

interface Bulk {
  answeredAfter: number;
  /** Seconds until all addresses are in the pending list. */
  seconds: number;
  mails: number;
}

/** Compares one call with 10,000 addresses, until all are in the pending list, with 10,000 calls of the peer. */
export async function bulkInvitation(): Promise<Line> {
  const ours: Bulk[] = [];
  const peers: { seconds: number; extrapolated: boolean }[] = [];
  for (let n = 0; n < SETTINGS.repetitions; n++) {
    peers.push(await measurePeer());
    ours.push(await measureOurs());
  }
  const our = side(
    'Rolecall',
    's',
    ours.map(({ seconds }) => seconds),
  );
  const peer = side(
    'better-auth',
    's',
    peers.map(({ seconds }) => seconds),
  );
  const ratio = peer.spread.median / our.spread.median;
  const extrapolated = peers.filter((one) => one.extrapolated).length;
  return {
    name: 'bulk',
    what: '10,000 addresses until all are in the pending list',
    ours: our,
    other: peer,
    ratio,
    goal: { text: `≥ ${String(GOAL)} ×, aim ${String(AIM)}`, met: ratio >= GOAL },
    notes: [
      `Rolecall answers after ${figure(
        quantile(
          ours.map(({ answeredAfter }) => answeredAfter),
          0.5,
        ),
      )} s; then a list call that waits for the answer's ` +
        'Event-Position ends the measurement, and paging through the list finds all of them. It starts on a fresh process after one smaller call.',
      `better-auth's 10,000 calls go over 32 connections; ${extrapolated === 0 ? 'all were made' : `in ${String(extrapolated)} of ${String(peers.length)} repetitions extrapolated from ${String(WINDOW_SECONDS)} s`}.`,
      `${figure(
        quantile(
          ours.map(({ mails }) => mails),
          0.5,
        ),
      )} of Rolecall's mails had left by then.`,
    ],
    details: { ours, peers },
  };
}

async function measureOurs(): Promise<Bulk> {
  const database = await createDatabase();
  const sink = await SmtpSink.start();
  const product = await Product.start(database.url, sink.url);
  const invite = async (addresses: number, tag: string) =>
    product.call('POST', product.invitations, {
      body: {
        role: 'contributor',
        emails: Array.from({ length: addresses }, (_, n) => `${tag}-${String(n)}@bench.test`),
      },
    });
  try {
    await product.readModelsAt((await invite(500, 'warm-up')).position ?? '');
    await product.mailIsOut();
    const mailsBefore = await sink.count();
    const startedAt = performance.now();
    const { position, body } = await invite(ADDRESSES, 'person');
    const answeredAfter = (performance.now() - startedAt) / 1000;
    await product.readModelsAt(position ?? '');
    const seconds = (performance.now() - startedAt) / 1000;
    const mails = (await sink.count()) - mailsBefore;
    const { invited } = (body as { summary: { invited: number } }).summary;
    const listed = await pendingIn(product, 'person-');
    if (invited !== ADDRESSES || listed !== ADDRESSES)
      throw new Error(`${String(invited)} invited, ${String(listed)} in the pending list`);
    return { answeredAfter, seconds, mails };
  } finally {
    await product.stop();
    await sink.stop();
    await database.drop();
  }
}

async function measurePeer(): Promise<{ seconds: number; extrapolated: boolean }> {
  const database = await createDatabase();
  const peer = await Peer.start(database.url);
  try {
    const { perSecond } = await load(peer.invitingOneByOne({ calls: SETTINGS.peerWarmUpCalls }));
    const extrapolated = ADDRESSES / perSecond > FULLY_WITHIN_SECONDS;
    const seen = await load(peer.invitingOneByOne(extrapolated ? { seconds: WINDOW_SECONDS } : { calls: ADDRESSES }));
    return { seconds: ADDRESSES / seen.perSecond, extrapolated };
  } finally {
    await peer.stop();
    await database.drop();
  }
}

/** Counts the different addresses in the pending list, page by page. */
async function pendingIn(product: Product, startingWith: string): Promise<number> {
  const seen = new Set<string>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await product.call(
      'GET',
      `${product.invitations}?state=pending&limit=${String(PAGE)}${cursor && `&cursor=${cursor}`}`,
    );
    const page = body as { items: { email: string }[]; nextCursor: string | null };
    for (const { email } of page.items) if (email.startsWith(startingWith)) seen.add(email);
    cursor = page.nextCursor;
  }
  return seen.size;
}
