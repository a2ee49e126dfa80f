import { side, type Line } from '../support/line.js';
import { createDatabase } from '../support/databases.js';
import { load, type LoadResult, type LoadTask } from '../support/load.js';
import { Peer } from '../support/peer.js';
import { countOf, cpuSeconds, postgresCpuSeconds } from '../support/processes.js';
import { Product } from '../support/product.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { CONNECTIONS, SETTINGS } from '../support/settings.js';
import { figure, quantile } from '../support/statistics.js';

/** Milliseconds of CPU per invitation, by process; null where they can't be read. */
interface Cost {
  server: number | null;
  postgres: number | null;
  load: number;
  mailServer?: number | null;
}

interface Window extends LoadResult {
  cost: Cost;
  /**
   * Mails that left within the window, and seconds that the read models took to catch up after it. Only our side has
   * them.
   */
  mails?: number;
  catchUpSeconds?: number;
}

/** Goal: docs/performance/method.md, "What is measured" */
const GOAL = 10;

/**
 * Compares single invitations. Each side in turn gets a database and a process of its own, so that no side has longer
 * tables.
 */
export async function singleInvitations(): Promise<Line> {
  const ours: Window[] = [];
  const peers: Window[] = [];
  for (let n = 0; n < SETTINGS.repetitions; n++) {
    peers.push(await measurePeer());
    ours.push(await measureOurs());
  }
  const [our, peer] = [
    side('Rolecall', 'invitations/s', rates(ours)),
    side('better-auth', 'invitations/s', rates(peers)),
  ];
  const ratio = our.spread.median / peer.spread.median;
  return {
    name: 'single',
    what: `One invitation per call, ${String(CONNECTIONS)} connections`,
    ours: our,
    other: peer,
    ratio,
    goal: { text: `≥ ${String(GOAL)} ×`, met: ratio >= GOAL },
    notes: [
      `p50 / p99: Rolecall ${latency(ours)} ms, better-auth ${latency(peers)} ms.`,
      `CPU per invitation: Rolecall ${cost(ours)}; better-auth ${cost(peers)}.`,
      `Rolecall's mails leave by SMTP meanwhile: ${figure(middle(ours, ({ mails = 0, seconds }) => mails / seconds))} mails/s within the window; ` +
        `its read models were up to date ${figure(middle(ours, ({ catchUpSeconds = 0 }) => catchUpSeconds))} s after it. better-auth sends no mail.`,
    ],
    details: { ours, peers },
  };
}

async function measurePeer(): Promise<Window> {
  const database = await createDatabase();
  const peer = await Peer.start(database.url);
  try {
    await load(peer.invitingOneByOne({ calls: SETTINGS.peerWarmUpCalls }));
    const before = await countOf(database.url, 'invitation');
    const window = await measure(peer.invitingOneByOne({ seconds: SETTINGS.seconds }), peer.pid, database.url);
    mustBeStored(window, (await countOf(database.url, 'invitation')) - before);
    return window;
  } finally {
    await peer.stop();
    await database.drop();
  }
}

async function measureOurs(): Promise<Window> {
  const database = await createDatabase();
  const sink = await SmtpSink.start();
  const product = await Product.start(database.url, sink.url);
  const issued = "event where type = 'InvitationIssued'";
  try {
    await load(product.invitingOneByOne({ calls: SETTINGS.warmUpCalls }));
    const [before, mailsBefore, mailCpu] = [
      await countOf(database.url, issued),
      await sink.count(),
      cpuSeconds(sink.pid),
    ];
    const window = await measure(product.invitingOneByOne({ seconds: SETTINGS.seconds }), product.pid, database.url);
    window.mails = (await sink.count()) - mailsBefore;
    window.cost.mailServer = perInvitation(mailCpu, cpuSeconds(sink.pid), window.answered);
    const endedAt = performance.now();
    const { position } = await product.call('POST', product.invitations, {
      body: { role: 'contributor', emails: ['last@bench.test'] },
    });
    await product.readModelsAt(position ?? '');
    window.catchUpSeconds = (performance.now() - endedAt) / 1000;
    mustBeStored(window, (await countOf(database.url, issued)) - before);
    return window;
  } finally {
    await product.stop();
    await sink.stop();
    await database.drop();
  }
}

async function measure(task: LoadTask, pid: number | undefined, databaseUrl: string): Promise<Window> {
  const [server, postgres] = [cpuSeconds(pid), await postgresCpuSeconds(databaseUrl)];
  const seen = await load(task);
  const [serverAfter, postgresAfter] = [cpuSeconds(pid), await postgresCpuSeconds(databaseUrl)];
  const { answered, cpu } = seen;
  return {
    ...seen,
    cost: {
      server: perInvitation(server, serverAfter, answered),
      postgres: perInvitation(postgres, postgresAfter, answered),
      load: (cpu * 1000) / answered,
    },
  };
}

function perInvitation(before: number | null, after: number | null, invitations: number): number | null {
  return before === null || after === null ? null : ((after - before) * 1000) / invitations;
}

/** Checks that every answered invitation is stored. */
function mustBeStored({ answered }: Window, stored: number): void {
  if (stored < answered) throw new Error(`${String(answered)} invitations were answered, ${String(stored)} are stored`);
}

function rates(windows: readonly Window[]): number[] {
  return windows.map(({ perSecond }) => perSecond);
}

function middle(windows: readonly Window[], of: (window: Window) => number): number {
  return quantile(windows.map(of), 0.5);
}

function latency(windows: readonly Window[]): string {
  return `${figure(middle(windows, ({ p50 }) => p50))} / ${figure(middle(windows, ({ p99 }) => p99))}`;
}

function cost(windows: readonly Window[]): string {
  const of = (name: string, pick: (cost: Cost) => number | null | undefined): string | null => {
    const known = windows.map((window) => pick(window.cost)).filter((value) => value !== null && value !== undefined);
    return known.length === 0 ? null : `${name} ${quantile(known, 0.5).toFixed(2)} ms`;
  };
  return [
    of('server', ({ server }) => server),
    of('PostgreSQL', ({ postgres }) => postgres),
    of('load generator', ({ load: used }) => used),
    of('mail server', ({ mailServer }) => mailServer),
  ]
    .filter((text) => text !== null)
    .join(', ');
}
