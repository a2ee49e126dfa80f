import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

type Parser = typeof import('@eventstore/db-client/dist/Client/parseConnectionString.js');
const require = createRequire(import.meta.url);

/**
 * Client options that this product allows. For any other option the client prints a warning with the whole connection
 * string, password included.
 */
const OPTIONS = [
  'connectionname',
  'defaultdeadline',
  'discoveryinterval',
  'gossiptimeout',
  'keepaliveinterval',
  'keepalivetimeout',
  'maxdiscoverattempts',
  'nodepreference',
  'tls',
  'tlscafile',
  'usercertfile',
  'userkeyfile',
];
const SHORTEST_KEEP_ALIVE_MS = 10_000;

/**
 * Returns what is wrong with a connection string, as half a sentence without its text; null when the client reads it as
 * meant.
 */
export function problemWith(url: string): string | null {
  if (!/^esdb(?:\+discover)?:\/\//.test(url))
    return 'must look like esdb://user:password@host:2113 or esdb+discover://host:2113';
  const [before = '', query = ''] = url.split('?', 2);
  const names = query
    .split('&')
    .filter(Boolean)
    .map((option) => option.split('=', 1)[0] ?? '');
  const unknown = names.find((name) => !OPTIONS.includes(name.toLowerCase().replaceAll(/[_-]/g, '')));
  if (unknown !== undefined) return 'has an option that is not known';
  const credentials = /:\/\/(.*)@/.exec(before)?.[1] ?? null;
  // The client cuts a password off at the second colon, and reads what follows an @ as the host.
  if (credentials !== null && !/^[^:@]+:[^:@]+$/.test(credentials))
    return 'needs a user and a password with special characters percent-encoded';
  return problemWithParsed(url, credentials !== null);
}

function problemWithParsed(url: string, hasCredentials: boolean): string | null {
  try {
    // Loaded here, because an installation with events in PostgreSQL doesn't need the client.
    const { parseConnectionString } = require('@eventstore/db-client/dist/Client/parseConnectionString.js') as Parser;
    const parsed = parseConnectionString(url);
    if (parsed.hosts.length === 0) return 'names no host';
    if (parsed.tls === false && hasCredentials)
      return 'has a password and tls=false, with which the client would not send it';
    if (parsed.keepAliveInterval !== undefined && parsed.keepAliveInterval < SHORTEST_KEEP_ALIVE_MS)
      return 'has a keepAliveInterval under 10000';
    const files = [parsed.tlsCAFile, parsed.userCertFile, parsed.userKeyFile];
    if (!files.every((file) => file === undefined || existsSync(file))) return 'names a file that is not there';
    return null;
  } catch {
    return 'is not a connection string of EventStoreDB';
  }
}
