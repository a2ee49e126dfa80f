// Empties a development installation: `npm run db:reset [-- --yes]`. The next start makes a new one. It refuses an
// installation that may have real users.
import './needs-node.mjs';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { parse } from 'pg-connection-string';

/** The files of an embedded installation. Other files in its folder stay. */
const OURS = ['postgres', 'files', 'secrets.json', 'process.pid'];
const LOCAL = ['localhost', '127.0.0.1', '::1', '[::1]'];

class Refused extends Error {}

try {
  process.exitCode = await run();
} catch (error) {
  console.error(`Nothing was reset: ${error instanceof Refused ? error.message : (error.code ?? error.name)}`);
  process.exitCode = 1;
}

async function run() {
  const { yes } = options();
  mustBeDevelopment();
  const url = databaseUrl();
  const installation = url === null ? embedded(resolve(setting('DATA_DIR') ?? './data')) : server(url);
  if (!yes && !(await isConfirmed(installation.what))) throw new Refused('it was not confirmed');
  await installation.reset();
  console.log(`${installation.what}: empty. "npm start" makes a new installation.`);
  return 0;
}

function options() {
  try {
    return parseArgs({ options: { yes: { type: 'boolean', default: false } } }).values;
  } catch {
    console.error('Usage: npm run db:reset [-- --yes]');
    process.exit(2);
  }
}

function mustBeDevelopment() {
  if (process.env.NODE_ENV === 'production') throw new Refused('NODE_ENV says production');
  const publicUrl = setting('PUBLIC_URL');
  if (publicUrl !== null && !LOCAL.includes(URL.parse(publicUrl)?.hostname))
    throw new Refused('PUBLIC_URL is reached by others');
  if (setting('EVENTSTORE_URL') !== null || setting('EVENTSTORE_URL_FILE') !== null)
    throw new Refused('the events are in EventStoreDB, from which nothing is ever removed');
}

function embedded(folder) {
  const holder = Number(content(join(folder, 'process.pid'))?.split(' ')[0]);
  if (isRunning(holder)) throw new Refused(`process ${holder} works in ${folder}: stop it first`);
  if (!existsSync(join(folder, 'postgres'))) throw new Refused(`there is no installation in ${folder}`);
  return {
    what: folder,
    async reset() {
      for (const name of OURS) rmSync(join(folder, name), { recursive: true, force: true });
    },
  };
}

function server(url) {
  const given = parse(url, { useLibpqCompat: true });
  const host = given.host || process.env.PGHOST || 'localhost';
  // A host that is a path is a socket of this machine.
  if (!LOCAL.includes(host) && !host.startsWith('/')) throw new Refused('DATABASE_URL names another machine');
  const { database } = given;
  if (!database || /^(?:postgres|template[01])$|(?:^|[_-])(?:prod|production|live)(?:$|[_-])/i.test(database))
    throw new Refused('DATABASE_URL names a database that may be in earnest: use one like rolecall_dev');
  return {
    what: `the database ${database}`,
    async reset() {
      const client = new Client({ ...given, database: 'postgres' });
      await client.connect();
      try {
        const name = client.escapeIdentifier(database);
        // There is no `with (force)`, because it would end the work of other connections.
        await client.query(`drop database if exists ${name}`);
        await client.query(`create database ${name}`);
      } catch (error) {
        throw error.code === '55006' ? new Refused(`others are connected to ${database}: stop them first`) : error;
      } finally {
        await client.end();
      }
    },
  };
}

async function isConfirmed(what) {
  if (!process.stdin.isTTY) throw new Refused('nobody is at the terminal: add --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(
    `Everything in ${what} will be gone: people, events, mails. Type yes to go on: `,
  );
  terminal.close();
  return answer.trim() === 'yes';
}

function databaseUrl() {
  const file = setting('DATABASE_URL_FILE');
  return setting('DATABASE_URL') ?? (file === null ? null : readFileSync(file, 'utf8').trim());
}

function setting(name) {
  return process.env[name]?.trim() || null;
}

function content(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isRunning(pid) {
  try {
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
