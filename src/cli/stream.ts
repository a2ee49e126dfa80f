import { loadConfig } from '../bootstrap/config.js';
import { openInstallation } from '../bootstrap/installation.js';
import { CATEGORIES } from '../bootstrap/event-shapes.js';
import { print } from '../bootstrap/terminal.js';
import { printError, printFailure } from './errors.js';
import { mustBeInstalled } from './installed.js';

const USAGE = `Usage:
  npm run --silent stream -- <stream>    prints the events of a stream, oldest first, as JSON lines; changes nothing

A stream is named <category>-<uuid>. The categories: ${CATEGORIES.join(', ')}.
The environment says which installation, as for "npm start". Stop an embedded one first.
Ends with 0 when it is done, 1 when there is no such stream or it can't be read, 2 when it was called wrongly.`;
const NAME = new RegExp(`^(?:${CATEGORIES.join('|')})-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$`);

process.exit(await run(process.argv.slice(2)));

async function run([stream = '', ...more]: string[]): Promise<number> {
  if (!NAME.test(stream) || more.length > 0) {
    printError(USAGE);
    return 2;
  }
  try {
    return await printEvents(stream);
  } catch (error) {
    printFailure(error);
    return 1;
  }
}

async function printEvents(stream: string): Promise<number> {
  // This tool only reads, so it must not run migrations.
  const installation = await openInstallation(loadConfig(), true, printError, null);
  try {
    await mustBeInstalled(installation.database);
    const events = await installation.store.read(stream);
    if (events.length > 0) print(...events.map((event) => JSON.stringify(event)));
    else printError('There is no such stream.');
    return events.length > 0 ? 0 : 1;
  } finally {
    await installation.close();
  }
}
