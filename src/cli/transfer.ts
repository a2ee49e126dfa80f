import { readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import { loadConfig } from '../bootstrap/config.js';
import { openInstallation, type Installation } from '../bootstrap/installation.js';
import { compareInstallations, verifyInstallation } from './transfer/verify-installation.js';
import { exportInstallation } from './transfer/export-installation.js';
import { importInstallation } from './transfer/import-installation.js';
import { EXPOSED } from '../shared/database/peer.js';
import type { Comparison } from '../shared/transfer/differences.js';
import { print } from '../bootstrap/terminal.js';
import { printError, printFailure } from './errors.js';
import { progress } from './progress.js';

const USAGE = `Usage:
  npm run transfer -- export <folder>            writes the people, accounts and mails, the log and the stored files
  npm run transfer -- import <folder>            takes them over into an installation that is empty
  npm run transfer -- verify <folder>            compares an installation with them
  npm run transfer -- verify --against <file>    compares its log with that of the installation whose settings are in <file>

Which installation is said by the environment, as for "npm start", or by --settings <file> (NAME=value lines). Stop it first.
Ends with 0 when it is done or equal, 1 when it isn't, 2 when it was called wrongly.`;

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
  const { name, folder, settings, against } = argumentsIn(args);
  return withInstallation(settings, name !== 'import', async (installation) => {
    if (name === 'export') {
      const { rows, events, files, missing, leftOut } = await exportInstallation(installation, folder, progress);
      print(`exported ${String(rows)} rows and ${String(events)} events to ${folder}`);
      if (files > 0) print(`exported ${String(files)} stored files`);
      if (leftOut > 0) print(`left out ${String(leftOut)} events of somebody else, in streams that are not Rolecall's`);
      if (missing > 0)
        printError(`the storage lacks ${String(missing)} files of groups: is FILES_DIR the one of "npm start"?`);
      return missing > 0 ? 1 : 0;
    }
    if (name === 'import') {
      const { rows, files, found, stored } = await importInstallation(installation, folder, progress);
      print(
        `imported ${String(rows)} rows and ${String(found + stored)} events, ${String(found)} of them by an earlier attempt; compare before the first start: verify ${folder}`,
      );
      if (files > 0) print(`imported ${String(files)} stored files`);
      return 0;
    }
    if (against === undefined) return report(await verifyInstallation(installation, folder, progress));
    return withInstallation(against, true, async (other) =>
      report(await compareInstallations(installation, other, progress)),
    );
  });
}

function argumentsIn(args: string[]): {
  name: string;
  folder: string;
  settings: string | undefined;
  against: string | undefined;
} {
  const { positionals, values } = parsed(args);
  const [name = '', folder = '', ...more] = positionals;
  const isNamed = ['export', 'import', 'verify'].includes(name) && more.length === 0;
  const isAboutFiles = folder !== '' && values.against === undefined;
  const isAboutLogs = folder === '' && values.against !== undefined && name === 'verify';
  if (!isNamed || !(isAboutFiles || isAboutLogs)) throw new WrongUsage(USAGE);
  return { name, folder, settings: values.settings, against: values.against };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { settings: { type: 'string' }, against: { type: 'string' } },
    });
  } catch {
    throw new WrongUsage(USAGE);
  }
}

async function withInstallation(
  settings: string | undefined,
  mustExist: boolean,
  work: (installation: Installation) => Promise<number>,
): Promise<number> {
  const config = settings === undefined ? loadConfig() : loadConfig(parseEnv(readFileSync(settings, 'utf8')));
  const installation = await openInstallation(config, mustExist, printError);
  if (installation.database.exposed) printError(EXPOSED);
  try {
    return await work(installation);
  } finally {
    await installation.close();
  }
}

function report({ events, differences }: Comparison): number {
  if (differences.length === 0) print(`equal: ${String(events)} events`);
  else print('not equal:', ...differences.map((difference) => `  ${difference}`));
  return differences.length === 0 ? 0 : 1;
}
