import { readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import { loadConfig } from '../bootstrap/config.js';
import { openInstallation, type Installation } from '../bootstrap/installation.js';
import { mustBelongTogether } from '../bootstrap/log-identity/adopt-log.js';
import { print } from '../bootstrap/terminal.js';
import type { AccessReplay, ReplayUntil } from '../modules/history/replay/access-replay.js';
import type { Difference } from '../modules/history/verification/difference.js';
import { HistoryVerifier } from '../modules/history/verification/history-verifier.js';
import { People } from '../modules/people/people.js';
import { EXPOSED } from '../shared/database/peer.js';
import type { CheckpointTables } from '../shared/projections/checkpoints.js';
import { EVENT_FILE } from '../shared/transfer/event-file.js';
import { countHashChain } from '../shared/transfer/hash-chained-ndjson.js';
import { refuseUnfinishedImport } from '../shared/transfer/unfinished-import.js';
import { accessLines } from './audit/access-lines.js';
import { eventsInFile, eventsInStore, replayLog } from './audit/replay-log.js';
import { printError, printFailure } from './errors.js';
import { mustHaveOwnSchema } from './installed.js';
import { progress } from './progress.js';
import { mustHoldEvents } from './transfer/transfer-files.js';

const USAGE = `Usage:
  npm run --silent audit -- replay --organisation <id>    prints who has which access, as JSON lines, from the log alone
      --at <time>          at that time, for example 2026-03-01T00:00:00Z
      --number <number>    right after the entry with that number
      --export <folder>    from an export of npm run transfer, which needs no settings and has no names
  npm run --silent audit -- verify                        compares the history's tables with the log

Which installation is said by the environment, as for "npm start", or by --settings <file> (NAME=value lines).
Stop an embedded one first. A server one may run. Nothing is changed.
Ends with 0 when it is done or equal, 1 when it isn't, 2 when it was called wrongly.`;

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
/** An ISO time with its offset, so that it means the same on every machine. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;
/** The clocks of two hosts differ by less than this. */
const SETTLED_AFTER_MS = 5000;
const LINES_AT_ONCE = 1000;

class WrongUsage extends Error {}

process.exit(await run());

async function run(): Promise<number> {
  try {
    return await command(process.argv.slice(2));
  } catch (error) {
    if (error instanceof WrongUsage) {
      printError(error.message);
      return 2;
    }
    printFailure(error);
    return 1;
  }
}

async function command(args: string[]): Promise<number> {
  const { positionals, values } = parsed(args);
  const [name = '', ...more] = positionals;
  const { settings, organisation, at, number, export: folder } = values;
  if (more.length > 0) throw new WrongUsage(USAGE);
  if (name === 'verify' && [organisation, at, number, folder].every((value) => value === undefined))
    return withInstallation(settings, verify);
  if (name !== 'replay' || organisation === undefined || (folder !== undefined && settings !== undefined))
    throw new WrongUsage(USAGE);
  if (!UUID.test(organisation)) throw new WrongUsage('--organisation must be the id of an organisation');
  const until = instantOf(at, number);
  if (folder === undefined)
    return withInstallation(settings, async (installation) => replayInstallation(installation, organisation, until));
  return replayExport(folder, organisation, until);
}

function parsed(args: string[]) {
  try {
    const text = { type: 'string' } as const;
    const options = { settings: text, organisation: text, at: text, number: text, export: text };
    return parseArgs({ args, allowPositionals: true, options });
  } catch {
    throw new WrongUsage(USAGE);
  }
}

/** @throws WrongUsage */
function instantOf(at: string | undefined, number: string | undefined): ReplayUntil {
  if (at !== undefined && number !== undefined) throw new WrongUsage('--number must not be given together with --at');
  if (number !== undefined) {
    if (!/^\d{1,15}$/.test(number)) throw new WrongUsage('--number must be the number of an entry');
    return { number: Number(number) };
  }
  if (at === undefined) return {};
  const time = TIME.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(time)) throw new WrongUsage('--at must be a time, for example 2026-03-01T00:00:00Z');
  if (time > Date.now()) throw new WrongUsage('--at must not be later than now');
  return { at: new Date(time).toISOString() };
}

async function withInstallation(
  settings: string | undefined,
  work: (installation: Installation) => Promise<number>,
): Promise<number> {
  const config = settings === undefined ? loadConfig() : loadConfig(parseEnv(readFileSync(settings, 'utf8')));
  // A tool that only reads runs no migration.
  const installation = await openInstallation(config, true, printError, null);
  const { database, store } = installation;
  if (database.exposed) printError(EXPOSED);
  try {
    await mustHaveOwnSchema(database);
    await refuseUnfinishedImport(database.kysely<CheckpointTables>());
    await mustBelongTogether(database, store);
    return await work(installation);
  } finally {
    await installation.close();
  }
}

async function replayInstallation(
  { config, database, store }: Installation,
  organisation: string,
  until: ReplayUntil,
): Promise<number> {
  const replay = await replayLog(eventsInStore(store), organisation, until, progress('events'));
  return printAccess(organisation, replay, until, new People(database, config));
}

/** Reads the file to its end first, so that a damaged one gives no answer. */
async function replayExport(folder: string, organisation: string, until: ReplayUntil): Promise<number> {
  const file = await mustHoldEvents(folder);
  const total = await countHashChain(file, EVENT_FILE);
  const replay = await replayLog(eventsInFile(file), organisation, until, progress('events', total));
  return printAccess(organisation, replay, until, null);
}

async function printAccess(
  organisation: string,
  replay: AccessReplay,
  until: ReplayUntil,
  people: People | null,
): Promise<number> {
  const lines = await accessLines(organisation, replay, people);
  for (let n = 0; n < lines.length; n += LINES_AT_ONCE)
    print(...lines.slice(n, n + LINES_AT_ONCE).map((line) => JSON.stringify(line)));
  const { number = -1, at = '' } = replay.last ?? {};
  printError(`${String(lines.length)} grants, after the entry number ${String(number)} of ${at}`);
  if (until.at !== undefined && Date.now() - Date.parse(until.at) < SETTLED_AFTER_MS)
    printError('not settled: an event of an earlier time could still be recorded');
  return 0;
}

async function verify({ database, store }: Installation): Promise<number> {
  const verifier = new HistoryVerifier(database, store);
  const { entries, periods, differencesInAll, isBehind } = await verifier.verify((difference) => {
    print(sentenceOf(difference));
  }, progress('events'));
  if (isBehind) printError('the history has not shown the whole log yet: what it shows was compared');
  const compared = `${String(entries)} entries and ${String(periods)} periods`;
  if (differencesInAll === 0) print(`equal: ${compared}`);
  else print(`not equal: ${String(differencesInAll)} differences in ${compared}`);
  return differencesInAll === 0 ? 0 : 1;
}

function sentenceOf({ table, key, what, fields }: Difference): string {
  return `${table} ${key}: ${what}${fields.length === 0 ? '' : ` ${fields.join(', ')}`}`;
}
