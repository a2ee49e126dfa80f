import { isIP } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { Client, type ClientConfig } from 'pg';
import { parse } from 'pg-connection-string';
import { PreferringConnection } from './preferring-connection.js';
import { problemWithTlsFiles, TLS_FILES } from './tls-files.js';

/** The connection URL asks for something impossible. The message is half a sentence without any value of the URL. */
export class BadConnectionUrl extends Error {
  override readonly name = 'BadConnectionUrl';
}

/** Options for the driver's pool, which makes each connection with `Client`. */
export type DriverOptions = ClientConfig & { database: string; Client?: typeof Client };

type Parameter = (typeof PARAMETERS)[number];
type Given = Partial<Record<Parameter, string>>;

const PARAMETERS = ['sslmode', ...TLS_FILES, 'application_name', 'connect_timeout', 'options', 'host'] as const;
const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'];
const PARAMETER_NAME = /^[a-z_]{1,40}$/i;
const SHAPE = 'must look like postgres://user@host:5432/database';

/**
 * Turns a connection URL into options, as libpq reads it. The driver fills gaps from its PG… variables.
 * @throws BadConnectionUrl
 */
export function driverOptions(text: string): DriverOptions {
  const url = readUrl(text);
  const parameters = readParameters(url);
  // The library reads the files and turns a mode into options. It decodes hosts and database names only in part, so
  // this function decodes them.
  const { ssl, user = '', password = '' } = parse(url.href, { useLibpqCompat: true });
  const host = parameters.host ?? decodeURIComponent(url.hostname).replace(/^\[(.+)\]$/, '$1');
  const tls = tlsOptions(ssl as TlsOptions | false | undefined, host);
  const { application_name, options } = parameters;
  return {
    // Missing values are empty rather than absent, because the ORM has its own defaults for absent options.
    host,
    port: Number(url.port),
    user,
    password,
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(tls === undefined ? {} : { ssl: tls }),
    ...(application_name === undefined ? {} : { application_name }),
    ...(options === undefined ? {} : { options }),
    ...clientOptions(parameters, tls),
  };
}

/** @returns half a sentence without any value of the URL; null when `driverOptions` accepts it */
export function problemWithConnectionUrl(text: string): string | null {
  try {
    driverOptions(text);
    return null;
  } catch (error) {
    if (error instanceof BadConnectionUrl) return error.message;
    throw error;
  }
}

function readUrl(text: string): URL {
  if (!/^postgres(?:ql)?:\/\//.test(text)) throw new BadConnectionUrl(SHAPE);
  if (!isEncoded(text)) throw new BadConnectionUrl('has a percent sign that begins no character: write it as %25');
  const url = URL.parse(text) ?? URL.parse(withHost(text));
  if (url === null) throw new BadConnectionUrl(`${SHAPE}, with special characters of the password percent-encoded`);
  if (url.hash !== '' || url.search.includes('@'))
    throw new BadConnectionUrl('has an unencoded special character: write # as %23, ? as %3F and @ as %40');
  if (url.hostname.includes(',')) throw new BadConnectionUrl('names several hosts: name one');
  if (url.pathname.length < 2) throw new BadConnectionUrl('names no database: add it behind the host, like /rolecall');
  // In a connection URL a plus sign is itself; URL search parameters would read it as a blank.
  url.search = url.search.replaceAll('+', '%2B');
  return url;
}

/** Adds a host, because libpq accepts a user without one: `postgres://user@/database?host=/folder`. */
function withHost(text: string): string {
  return text.includes('host=') ? text.replace(/^(\w+:\/\/[^/?#]*@)(?=[/:])/, '$1localhost') : text;
}

function isEncoded(text: string): boolean {
  try {
    return !decodeURIComponent(text).includes('\0');
  } catch {
    return false;
  }
}

function readParameters(url: URL): Given {
  const given = [...url.searchParams];
  const isKnown = (name: string): name is Parameter => PARAMETERS.some((parameter) => parameter === name);
  const unknown = given.find(([name]) => !isKnown(name))?.[0];
  // Text that doesn't look like a name may be part of a password, so it isn't shown.
  if (unknown !== undefined)
    throw new BadConnectionUrl(
      PARAMETER_NAME.test(unknown)
        ? `has a parameter that is not known here: ${unknown}`
        : 'has a parameter that is not known here',
    );
  const empty = given.find(([, value]) => value === '')?.[0];
  if (empty !== undefined) throw new BadConnectionUrl(`has an empty parameter: ${empty}`);
  const parameters = Object.fromEntries(given) as Given;
  const problem = problemWithParameters(parameters);
  if (problem !== null) throw new BadConnectionUrl(problem);
  return parameters;
}

function problemWithParameters(parameters: Given): string | null {
  const { sslmode, host = '/', connect_timeout: timeout = '0' } = parameters;
  if (sslmode !== undefined && !MODES.includes(sslmode))
    return `has an sslmode that is not known here: use one of ${MODES.join(', ')}`;
  if (!host.startsWith('/'))
    return "has a parameter host that names no socket's folder: write a host's name before the database's";
  if (!/^\d{1,6}$/.test(timeout)) return 'has a connect_timeout that is no whole number of seconds';
  const file = TLS_FILES.find((name) => parameters[name] !== undefined);
  if (file !== undefined && sslmode === undefined) return `has ${file} without sslmode: add sslmode=verify-full`;
  if (sslmode === 'verify-ca' && parameters.sslrootcert === undefined)
    return 'has sslmode=verify-ca without sslrootcert: name the file of the authority';
  return problemWithTlsFiles(parameters);
}

/** @returns undefined when the driver must read PGSSLMODE */
function tlsOptions(ssl: TlsOptions | false | undefined, host: string): TlsOptions | false | undefined {
  if (host.startsWith('/')) return false;
  if (!ssl) return ssl;
  // rejectUnauthorized is set so that NODE_TLS_REJECT_UNAUTHORIZED can't disable it.
  // host is set, because the driver leaves out an IP address and Node would compare the certificate with `localhost`.
  return { rejectUnauthorized: true, ...ssl, ...(isIP(host) > 0 ? { host } : {}) };
}

/** Makes a client for what the pool has no option for: a time limit on connecting alone, and `sslmode=prefer`. */
function clientOptions(
  { sslmode, connect_timeout: timeout }: Given,
  tls: TlsOptions | false | undefined,
): { Client?: typeof Client } {
  const prefers = sslmode === 'prefer' && tls !== false;
  if (!prefers && timeout === undefined) return {};
  const connectionTimeoutMillis = Number(timeout ?? 0) * 1000;
  return {
    Client: class extends Client {
      constructor(config: ClientConfig = {}) {
        // The pool makes the password non-enumerable, so the spread leaves it out.
        const whole = { ...config, password: config.password, connectionTimeoutMillis };
        super(prefers ? ({ ...whole, connection: new PreferringConnection(config) } as ClientConfig) : whole);
      }
    },
  };
}
