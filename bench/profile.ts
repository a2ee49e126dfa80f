// `npm run bench -- --profile` shows where the time of single invitations goes: in the server's process, and in SQL
// statements.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { dirname, join } from 'node:path';
import { sharesOf, type Shares } from './support/cpu-profile.js';
import { createDatabase } from './support/databases.js';
import { load, type LoadResult } from './support/load.js';
import type { StatementCount } from './support/observe-process.js';
import { LOGS, waitFor } from './support/processes.js';
import { Product } from './support/product.js';
import { SETTINGS } from './support/settings.js';
import { SmtpSink } from './support/smtp-sink.js';

const TOP = 40;

const cpu = await observe<Profiler.Profile>('cpu');
const shares = sharesOf(cpu.seen);
const answered = cpu.window.answered;
const statements = await observe<StatementCount[]>('statements');

print(
  `${cpu.window.perSecond.toFixed(0)} invitations/s under the profiler; the server's process was busy ${(shares.busy / 10 / cpu.window.seconds).toFixed(0)} % of the time.`,
);
print(
  '',
  `${(shares.busy / answered).toFixed(3)} ms per invitation. By module, its own code:`,
  ...table(shares.byModule),
);
print('', 'By function, its own code:', ...table(shares.byFunction));
print('', 'By the nearest file of ours up the stack:', ...table(shares.onBehalfOf));
const sent = statements.seen.reduce((sum, { count }) => sum + count, 0);
print(
  '',
  `SQL statements: ${(sent / statements.window.answered).toFixed(2)} per invitation, background work included.`,
  '',
  '| per invitation | answered after | statement |',
  '|---|---|---|',
);
print(
  ...statements.seen
    .slice(0, TOP)
    .map(
      ({ text, count, waited }) =>
        `| ${(count / statements.window.answered).toFixed(3)} | ${(waited / count).toFixed(2)} ms | \`${text}\` |`,
    ),
);
mkdirSync(dirname(SETTINGS.resultFile), { recursive: true });
const profile = join(LOGS, 'cpu.cpuprofile');
writeFileSync(profile, JSON.stringify(cpu.seen));
print('', `The profile, for Chromium's developer tools: ${profile}`);

/** Runs one window of load on a fresh product and observes it from inside its process. */
async function observe<Seen>(what: 'cpu' | 'statements'): Promise<{ window: LoadResult; seen: Seen }> {
  const database = await createDatabase();
  const sink = await SmtpSink.start();
  const file = join(LOGS, `${what}.json`);
  const preload = join(import.meta.dirname, 'support', 'observe-process.js');
  const product = await Product.start(database.url, sink.url, {
    nodeOptions: ['--import', preload],
    env: { BENCH_OBSERVE: what, BENCH_OBSERVE_FILE: file },
  });
  try {
    await load(product.invitingOneByOne({ calls: SETTINGS.warmUpCalls }));
    await product.mailIsOut();
    product.signal('SIGUSR2');
    const window = await load(product.invitingOneByOne({ seconds: SETTINGS.seconds }));
    product.signal('SIGUSR2');
    await waitFor('what was observed', async () => Promise.resolve(existsSync(file) && isWhole(file)));
    return { window, seen: JSON.parse(readFileSync(file, 'utf8')) as Seen };
  } finally {
    await product.stop();
    await sink.stop();
    await database.drop();
  }
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

function table(from: Shares): string[] {
  const rows = from
    .slice(0, TOP)
    .map(([name, ms]) => `| ${(ms / answered).toFixed(4)} | ${((ms / shares.busy) * 100).toFixed(1)} % | ${name} |`);
  return ['', '| ms per invitation | share | where |', '|---|---|---|', ...rows];
}

function print(...text: string[]): void {
  process.stdout.write(`${text.join('\n')}\n`);
}
