// Measures the lines of docs/performance/method.md. Prints a Markdown table, and writes JSON to bench/results. That
// page says how to read them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { appends } from './lines/appends.js';
import { bulkInvitation } from './lines/bulk-invitation.js';
import { asOf, history } from './lines/history.js';
import { pages } from './lines/pages.js';
import { pendingList } from './lines/pending-list.js';
import { rebuild } from './lines/rebuild.js';
import { singleInvitations } from './lines/single-invitations.js';
import { row, type Line } from './support/line.js';
import { describeMachine, warningAbout } from './support/machine.js';
import { LOGS } from './support/processes.js';
import { SETTINGS } from './support/settings.js';

const LINES: Record<string, () => Promise<Line>> = {
  single: singleInvitations,
  bulk: bulkInvitation,
  appends,
  list: pendingList,
  pages,
  rebuild,
  history,
  'as-of': asOf,
};

if (!SETTINGS.databaseUrl) {
  print('DATABASE_URL must name a PostgreSQL server on which databases may be created.');
  process.exit(1);
}
const unknown = SETTINGS.only?.filter((name) => !Object.hasOwn(LINES, name)) ?? [];
if (unknown.length > 0) {
  print(`BENCH_ONLY knows ${Object.keys(LINES).join(', ')}, not ${unknown.join(', ')}.`);
  process.exit(1);
}

const machine = await describeMachine();
const warning = warningAbout(machine);
const startedAt = new Date().toISOString();
print(
  `${String(machine.cores)} cores (${machine.processor}), Node ${machine.node}, PostgreSQL ${machine.postgres}; processes write to ${LOGS}`,
);
if (warning) print(`Warning: ${warning}`);

const lines: Line[] = [];
for (const [name, measure] of Object.entries(LINES)) {
  if (SETTINGS.only && !SETTINGS.only.includes(name)) continue;
  print(`measuring ${name} …`);
  lines.push(await measure());
  // Writes after each line, so that a later line that fails loses no figures.
  write();
}

print(
  '',
  `Median (least–most) of ${String(SETTINGS.repetitions)} repetitions, taking turns on the same machine and PostgreSQL.`,
  '',
);
print('| what | Rolecall | beside it | ratio | goal | met |', '|---|---|---|---|---|---|', ...lines.map(row));
for (const { what, notes } of lines) print('', `${what}:`, ...notes.map((note) => `- ${note}`));

print('', `Written to ${SETTINGS.resultFile}`);

function write(): void {
  const { repetitions, seconds, warmUpCalls, peerWarmUpCalls, rows, people, resultFile } = SETTINGS;
  mkdirSync(dirname(resultFile), { recursive: true });
  writeFileSync(
    resultFile,
    `${JSON.stringify({ startedAt, machine, warning, settings: { repetitions, seconds, warmUpCalls, peerWarmUpCalls, rows, people }, lines }, null, 2)}\n`,
  );
}

function print(...text: string[]): void {
  process.stdout.write(`${text.join('\n')}\n`);
}
