import { hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isEmail } from 'class-validator';

/** Everything the environment may set. `docs/operations.md` holds the same list and a test compares the two. */
export const SETTINGS = {
  PORT: 'Port of the HTTP interface',
  HOST: 'Address to listen on',
  PUBLIC_URL: 'Where people reach this installation; links in mails begin with it',
  DATA_DIR: 'Folder of the embedded database and its secrets',
  DATABASE_URL: 'PostgreSQL server; absent: embedded PostgreSQL in DATA_DIR',
  EVENTSTORE_URL: 'EventStoreDB cluster; absent: events in PostgreSQL',
  SMTP_URL: 'Mail server; absent: mails wait on the mailbox page',
  MAIL_FROM: 'Sender of all mail',
  ADMIN_EMAIL: 'First super-admin, made when none is known',
  ADMIN_PASSWORD: 'Password of the first super-admin',
  LINK_SECRET: 'Signs links; several separated by commas: the first signs, all verify',
  MASTER_KEY: "Wraps every person's data key",
  PERSON_SECRET: 'Turns an address into the keyed hash it is found by',
  SESSION_SECRET: 'Signs session tokens',
  TRUSTED_PROXIES: 'Addresses or networks whose X-Forwarded-For is believed, separated by commas',
  LOG_LEVEL: 'fatal, error, warn, info, debug or trace',
} as const;
export type Setting = keyof typeof SETTINGS;

const SECRETS = ['LINK_SECRET', 'MASTER_KEY', 'PERSON_SECRET', 'SESSION_SECRET'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const MIN_SECRET_LENGTH = 32;
const MIN_DISTINCT_CHARACTERS = 10;
const MIN_PASSWORD_LENGTH = 12;

export interface Config {
  port: number;
  host: string;
  /** Without a trailing slash; null: derived from the address that is listened on. */
  publicUrl: string | null;
  dataDir: string;
  databaseUrl: string | null;
  smtpUrl: string | null;
  mailFrom: string;
  admin: { email: string; password: string } | null;
  linkSecrets: readonly Buffer[];
  masterKey: Buffer;
  personSecret: Buffer;
  sessionSecret: string;
  trustedProxies: readonly string[];
  logLevel: string;
}

/** A setting is missing or bad. The message names settings, never their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

/** Reads and checks all settings; in embedded mode makes the secrets that are missing. @throws ConfigError naming every bad setting */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const problems: string[] = [];
  const text = (name: Setting): string | null => env[name]?.trim() || null;
  const check = (ok: boolean, problem: string): void => {
    if (!ok) problems.push(problem);
  };

  const port = Number(text('PORT') ?? '3000');
  check(Number.isInteger(port) && port >= 0 && port <= 65_535, 'PORT must be a whole number from 0 to 65535');
  const dataDir = resolve(text('DATA_DIR') ?? './data');
  const databaseUrl = text('DATABASE_URL');
  check(!databaseUrl || isUrl(databaseUrl, ['postgres:', 'postgresql:']), 'DATABASE_URL must look like postgres://user@host:5432/database');
  check(!text('EVENTSTORE_URL'), 'EVENTSTORE_URL is not supported by this version: leave it out, events are kept in PostgreSQL');
  const publicUrl = text('PUBLIC_URL')?.replace(/\/+$/, '') ?? null;
  check(!publicUrl || isUrl(publicUrl, ['http:', 'https:']), 'PUBLIC_URL must look like https://invitations.example.org');
  const smtpUrl = text('SMTP_URL');
  check(!smtpUrl || isUrl(smtpUrl, ['smtp:', 'smtps:']), 'SMTP_URL must look like smtp://user:password@host:587');
  const logLevel = text('LOG_LEVEL') ?? 'info';
  check(LOG_LEVELS.includes(logLevel), `LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`);
  const secrets = readSecrets(env, databaseUrl ? null : dataDir, problems);
  const admin = readAdmin(text('ADMIN_EMAIL'), env['ADMIN_PASSWORD'] || null, check);
  if (problems.length > 0) throw new ConfigError(problems);

  return {
    port,
    host: text('HOST') ?? '127.0.0.1',
    publicUrl,
    dataDir,
    databaseUrl,
    smtpUrl,
    mailFrom: text('MAIL_FROM') ?? 'Rolecall <no-reply@rolecall.example>',
    admin,
    linkSecrets: secrets.LINK_SECRET.split(',').map((secret) => derive(secret.trim(), 'link')),
    masterKey: derive(secrets.MASTER_KEY, 'master'),
    personSecret: derive(secrets.PERSON_SECRET, 'person'),
    sessionSecret: secrets.SESSION_SECRET,
    trustedProxies: text('TRUSTED_PROXIES')?.split(',').map((proxy) => proxy.trim()) ?? [],
    logLevel,
  };
}

function readAdmin(email: string | null, password: string | null, check: (ok: boolean, problem: string) => void): Config['admin'] {
  check((email === null) === (password === null), 'ADMIN_EMAIL and ADMIN_PASSWORD go together');
  check(!email || isEmail(email, { allow_utf8_local_part: true }), 'ADMIN_EMAIL must be an e-mail address');
  check(!password || password.length >= MIN_PASSWORD_LENGTH, `ADMIN_PASSWORD must have at least ${String(MIN_PASSWORD_LENGTH)} characters`);
  return email && password ? { email, password } : null;
}

type Secrets = Record<(typeof SECRETS)[number], string>;

function readSecrets(env: NodeJS.ProcessEnv, dataDir: string | null, problems: string[]): Secrets {
  const made = dataDir ? embeddedSecrets(dataDir) : {};
  const secrets = {} as Secrets;
  for (const name of SECRETS) {
    secrets[name] = env[name]?.trim() || (made[name] ?? '');
    const parts = name === 'LINK_SECRET' ? secrets[name].split(',') : [secrets[name]];
    if (!secrets[name]) problems.push(`${name} is required when DATABASE_URL is set`);
    else if (parts.some((part) => isWeak(part.trim()))) {
      problems.push(`${name} is too weak: use at least ${String(MIN_SECRET_LENGTH)} random characters, for example from "openssl rand -base64 48"`);
    }
  }
  return secrets;
}

function isWeak(secret: string): boolean {
  return secret.length < MIN_SECRET_LENGTH || new Set(secret).size < MIN_DISTINCT_CHARACTERS;
}

/** Makes the embedded installation's secrets once. Renamed into place after fsync, so that a kill leaves all of them or none. */
function embeddedSecrets(dataDir: string): Partial<Secrets> {
  const file = join(dataDir, 'secrets.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new ConfigError([`${file} can't be read`]);
  }
  const secrets = Object.fromEntries(SECRETS.map((name) => [name, randomBytes(36).toString('base64url')]));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const handle = openSync(`${file}.new`, 'w', 0o600);
  writeSync(handle, JSON.stringify(secrets, null, 2));
  fsyncSync(handle);
  closeSync(handle);
  renameSync(`${file}.new`, file);
  return secrets;
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'rolecall', purpose, 32));
}

function isUrl(text: string, protocols: string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}
