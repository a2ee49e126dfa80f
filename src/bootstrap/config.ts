import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { withSecretFiles } from './secret-files.js';
import { deriveKey, readSecrets } from './secrets.js';
import { MAX_PASSWORD_LENGTH } from '../modules/accounts/authentication.js';
import { AppSettings } from '../modules/patients/app-settings.js';
import { isCertificate } from '../shared/network/certificate.js';
import { problemWithConnectionUrl } from '../shared/database/connection-url.js';
import { problemWith } from '../shared/event-sourcing/eventstoredb/connection-string.js';
import { isWebAddress } from '../shared/http/links/links.js';
import { LimitSettings } from '../modules/invitations/invite/limits/limit-settings.js';
import { MAX_PREVIEWS_PER_HOUR } from '../modules/invitations/invite/limits/preview-limit.js';
import { defaultSender, readSender } from '../shared/mail/sender.js';
import { problemWithSmtpUrl, readSmtpUrl } from '../shared/mail/smtp-url.js';
import { normaliseEmail } from '../shared/mail/email-address.js';

/** Lists every setting of the environment. A test compares this list with `docs/operations.md`. */
export const SETTINGS = {
  PORT: 'Port of the HTTP interface',
  HOST: 'Address to listen on',
  PUBLIC_URL: 'Where people reach this installation; links in mails begin with it',
  DATA_DIR: 'Folder of the embedded database and its secrets',
  DATABASE_URL: 'PostgreSQL server; absent: embedded PostgreSQL in DATA_DIR',
  EVENTSTORE_URL: 'EventStoreDB or KurrentDB; absent: events in PostgreSQL',
  SMTP_URL: 'Mail server; absent: mails wait on the mailbox page',
  SMTP_CA_FILE: "PEM file of the authorities that may have signed the mail server's certificate, and of no others",
  MAIL_FROM: 'Sender of all mail',
  ADMIN_EMAIL: 'First super-admin, made when none is known',
  ADMIN_PASSWORD: 'Password of the first super-admin',
  LINK_SECRET: 'Signs links; several separated by commas: the first signs, all verify',
  MASTER_KEY: "Wraps every person's data key",
  PERSON_SECRET: 'Turns an address into the keyed hash it is found by',
  SESSION_SECRET: 'Signs session tokens',
  APP_STORE_URL: "The patients' app at the App Store; a deployment may have its own",
  PLAY_STORE_URL: "The patients' app at Google Play; a deployment may have its own",
  APP_LINK: "Opens an invitation in the patients' app: {url} stands for its address, encoded",
  TRUSTED_PROXIES: 'Addresses or networks whose X-Forwarded-For is believed, separated by commas',
  HSTS_SUBDOMAINS: 'yes: browsers are to reach subdomains of PUBLIC_URL by TLS alone as well',
  OWN_EVENTS_PER_HOUR: 'Events that one person may append about themselves in an hour; 0: as many as they like',
  SECURITY_CONTACT:
    'Where weaknesses are reported, for /.well-known/security.txt: an e-mail address, mailto:, tel: or https: address',
  END_SESSIONS_WITH_LAST_ROLE: '`true`: a person who loses their last role in an organisation is signed out',
  METRICS_PORT: 'Port on 127.0.0.1 that `/metrics` is served at, and then nowhere else',
  METRICS_TOKEN: 'Without METRICS_PORT: who sends it as Bearer token gets `/metrics`; absent: nobody does',
  RESENDS_PER_MINUTE: 'How often one invitation may be sent again in a minute; 0: as often as they like',
  RESENDS_PER_DAY: 'How often one invitation may be sent again in 24 hours; 0: as often as they like',
  ORGANISATION_INVITATIONS_PER_DAY: 'Addresses that are invited in one organisation in a day; 0: as many as they like',
  CALLER_INVITATIONS_PER_DAY: 'Addresses that one caller invites in a day; 0: as many as they like',
  PREVIEWS_PER_HOUR:
    'Distinct addresses in dry runs and import previews of one caller in an hour; 0: as many as they like',
  LOG_LEVEL: 'fatal, error, warn, info, debug, trace or silent',
} as const;
export type Setting = keyof typeof SETTINGS;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const MIN_PASSWORD_LENGTH = 12;
const METRICS_TOKEN = /^[\x21-\x7e]{20,200}$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;

export interface Config {
  port: number;
  host: string;
  /** Without a trailing slash. Null: links begin with the address the server listens on. */
  publicUrl: string | null;
  dataDir: string;
  databaseUrl: string | null;
  /** Null: the events are in the database. */
  eventStoreUrl: string | null;
  smtpUrl: string | null;
  /** PEM. Null: Node's own authorities are trusted. */
  smtpAuthorities: string | null;
  mailFrom: string;
  /** False: MAIL_FROM isn't set, so the sender is the default one. */
  isMailFromSet: boolean;
  admin: { email: string; password: string } | null;
  linkSecrets: readonly Buffer[];
  masterKey: Buffer;
  personSecret: Buffer;
  sessionSecret: string;
  signInSecret: Buffer;
  app: AppSettings;
  trustedProxies: readonly string[];
  hstsSubdomains: boolean;
  /** 0: no limit. */
  ownEventsPerHour: number;
  /** URI. */
  securityContact: string | null;
  endSessionsWithLastRole: boolean;
  /** Null: metrics have no port of their own. */
  metricsPort: number | null;
  /** Null: the main port refuses requests for metrics. */
  metricsToken: string | null;
  limits: LimitSettings;
  logLevel: string;
}

/** A setting is missing or bad. The message names settings, never their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

/**
 * Reads and checks all settings. In embedded mode it makes the secrets that are missing.
 * @throws ConfigError naming every bad file if there is one, otherwise every bad setting
 */
export function loadConfig(given: NodeJS.ProcessEnv = process.env): Config {
  const problems: string[] = [];
  const env = withSecretFiles(given, problems);
  // A database address in an unreadable file must not lead to a new embedded installation.
  if (problems.length > 0) throw new ConfigError(problems);
  const text = (name: Setting): string | null => env[name]?.trim() || null;
  const check = (ok: boolean, problem: string): void => {
    if (!ok) problems.push(problem);
  };

  const port = text('PORT') ?? '3000';
  check(/^\d{1,5}$/.test(port) && Number(port) <= 65_535, 'PORT must be a whole number from 0 to 65535');
  const dataDir = resolve(text('DATA_DIR') ?? './data');
  const databaseUrl = text('DATABASE_URL');
  const databaseProblem = databaseUrl && problemWithConnectionUrl(databaseUrl);
  check(!databaseProblem, `DATABASE_URL ${databaseProblem ?? ''}`);
  const eventStoreUrl = text('EVENTSTORE_URL');
  const eventStoreProblem = eventStoreUrl && problemWith(eventStoreUrl);
  check(!eventStoreProblem, `EVENTSTORE_URL ${eventStoreProblem ?? ''}`);
  check(
    !eventStoreUrl || databaseUrl !== null,
    'EVENTSTORE_URL goes with DATABASE_URL: an embedded installation keeps its events in DATA_DIR',
  );
  const publicUrl = text('PUBLIC_URL')?.replace(/\/+$/, '') ?? null;
  check(!publicUrl || isBaseUrl(publicUrl), 'PUBLIC_URL must look like https://invitations.example.org');
  const smtpUrl = text('SMTP_URL');
  const smtpProblem = smtpUrl && problemWithSmtpUrl(smtpUrl);
  check(!smtpProblem, `SMTP_URL ${smtpProblem ?? ''}`);
  const smtpAuthorities = readAuthorities(text('SMTP_CA_FILE'), check);
  const isUnverified = smtpUrl && !smtpProblem && readSmtpUrl(smtpUrl).tls.rejectUnauthorized === false;
  check(
    !smtpAuthorities || !isUnverified,
    'SMTP_CA_FILE and tls.rejectUnauthorized=false in SMTP_URL contradict each other: set one of them',
  );
  const logLevel = text('LOG_LEVEL') ?? 'info';
  check(LOG_LEVELS.includes(logLevel), `LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`);
  const host = text('HOST') ?? '127.0.0.1';
  check(isIP(host) > 0 || HOST_NAME.test(host), 'HOST must be an IP address or a host name, without port');
  const mailFrom = text('MAIL_FROM') ?? defaultSender(publicUrl);
  check(
    readSender(mailFrom) !== null,
    'MAIL_FROM must be one sender like Rolecall <no-reply@example.org>: no group, no second address, and quotes in pairs',
  );
  const trustedProxies =
    text('TRUSTED_PROXIES')
      ?.split(',')
      .map((proxy) => proxy.trim()) ?? [];
  check(
    trustedProxies.every(isNetwork),
    'TRUSTED_PROXIES must be addresses or networks like 10.0.0.0/8, separated by commas',
  );
  const hstsSubdomains = text('HSTS_SUBDOMAINS') ?? 'no';
  check(['yes', 'no'].includes(hstsSubdomains), 'HSTS_SUBDOMAINS must be yes or no');
  const limit = (name: Setting, unless: number, most = 999_999): number => {
    const given = text(name) ?? String(unless);
    check(/^\d{1,8}$/.test(given) && Number(given) <= most, `${name} must be a whole number from 0 to ${String(most)}`);
    return Number(given);
  };
  const ownEventsPerHour = limit('OWN_EVENTS_PER_HOUR', 300);
  const limits = new LimitSettings(
    { perMinute: limit('RESENDS_PER_MINUTE', 1), perDay: limit('RESENDS_PER_DAY', 5) },
    {
      organisation: limit('ORGANISATION_INVITATIONS_PER_DAY', 100_000, 10_000_000),
      caller: limit('CALLER_INVITATIONS_PER_DAY', 50_000, 10_000_000),
    },
    limit('PREVIEWS_PER_HOUR', 20_000, MAX_PREVIEWS_PER_HOUR),
  );
  const securityContact = text('SECURITY_CONTACT');
  check(
    !securityContact || contactUri(securityContact) !== null,
    'SECURITY_CONTACT must be an e-mail address, or begin with mailto:, tel: or https:',
  );
  const endSessions = text('END_SESSIONS_WITH_LAST_ROLE') ?? 'false';
  check(['true', 'false'].includes(endSessions), 'END_SESSIONS_WITH_LAST_ROLE must be true or false');
  const metricsPort = text('METRICS_PORT');
  const isPort = !metricsPort || (/^\d{1,5}$/.test(metricsPort) && Number(metricsPort) <= 65_535);
  check(
    isPort && (!metricsPort || metricsPort === '0' || Number(metricsPort) !== Number(port)),
    'METRICS_PORT must be a whole number from 0 to 65535, and not the one of PORT',
  );
  const metricsToken = text('METRICS_TOKEN');
  check(
    !metricsToken || METRICS_TOKEN.test(metricsToken),
    'METRICS_TOKEN must have 20 to 200 printable ASCII characters, no spaces',
  );
  const app = readApp(text('APP_STORE_URL'), text('PLAY_STORE_URL'), text('APP_LINK'), check);
  const secrets = readSecrets(env, databaseUrl ? null : dataDir, problems);
  const admin = readAdmin(text('ADMIN_EMAIL'), env['ADMIN_PASSWORD'] || null, check);
  if (problems.length > 0) throw new ConfigError(problems);

  return {
    port: Number(port),
    host,
    publicUrl,
    dataDir,
    databaseUrl,
    eventStoreUrl,
    smtpUrl,
    smtpAuthorities,
    mailFrom,
    isMailFromSet: text('MAIL_FROM') !== null,
    admin,
    linkSecrets: secrets.LINK_SECRET.split(',').map((secret) => deriveKey(secret.trim(), 'link')),
    masterKey: deriveKey(secrets.MASTER_KEY, 'master'),
    personSecret: deriveKey(secrets.PERSON_SECRET, 'person'),
    sessionSecret: secrets.SESSION_SECRET,
    signInSecret: deriveKey(secrets.SESSION_SECRET, 'sign-in'),
    app,
    trustedProxies,
    hstsSubdomains: hstsSubdomains === 'yes',
    ownEventsPerHour,
    limits,
    securityContact: securityContact && contactUri(securityContact),
    endSessionsWithLastRole: endSessions === 'true',
    metricsPort: metricsPort === null ? null : Number(metricsPort),
    metricsToken,
    logLevel,
  };
}

function readAdmin(
  email: string | null,
  password: string | null,
  check: (ok: boolean, problem: string) => void,
): Config['admin'] {
  check((email === null) === (password === null), 'ADMIN_EMAIL and ADMIN_PASSWORD go together');
  check(!email || normaliseEmail(email) !== null, 'ADMIN_EMAIL must be an e-mail address');
  const fits = !password || (password.length >= MIN_PASSWORD_LENGTH && password.length <= MAX_PASSWORD_LENGTH);
  check(fits, `ADMIN_PASSWORD must have ${String(MIN_PASSWORD_LENGTH)} to ${String(MAX_PASSWORD_LENGTH)} characters`);
  return email && password ? { email, password } : null;
}

function readApp(
  appStoreUrl: string | null,
  playStoreUrl: string | null,
  deepLink: string | null,
  check: (ok: boolean, problem: string) => void,
): AppSettings {
  const isWeb = (url: string | null): boolean => !url || isWebAddress(url, ['https:']);
  check(isWeb(appStoreUrl), 'APP_STORE_URL must be an https address without user name');
  check(isWeb(playStoreUrl), 'PLAY_STORE_URL must be an https address without user name');
  const isTemplate =
    !deepLink ||
    (deepLink.includes('{url}') && URL.canParse(deepLink) && !/^(javascript|data|vbscript|file):/i.test(deepLink));
  check(isTemplate, 'APP_LINK must be an address with {url} in it');
  return new AppSettings({ appStoreUrl, playStoreUrl }, deepLink);
}

/** Returns the file's content, which must be certificates alone; null when no file is named. */
function readAuthorities(file: string | null, check: (ok: boolean, problem: string) => void): string | null {
  if (file === null) return null;
  try {
    const pem = readFileSync(file, 'utf8');
    const certificates = pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
    check(
      certificates.length > 0 && certificates.every(isCertificate),
      'SMTP_CA_FILE names a file that holds no certificate, or a damaged one',
    );
    return pem;
  } catch (error) {
    check(
      false,
      `SMTP_CA_FILE names a file that can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    );
    return null;
  }
}

/** Turns an e-mail address into `mailto:…`. Returns null when the text names no contact. */
function contactUri(text: string): string | null {
  const isEmail = (address: string): boolean => normaliseEmail(address) !== null && /^[!-~]+$/.test(address);
  if (isEmail(text)) return `mailto:${text}`;
  const named = /^mailto:(.+)$/i.exec(text)?.[1];
  const isGood =
    named !== undefined
      ? isEmail(named)
      : /^tel:\+[0-9-]+$/i.test(text) || (isWebAddress(text, ['https:']) && /^[!-~]+$/.test(text));
  return isGood ? text : null;
}

/** A link is this address and a path. So the address may hold no query, no fragment and no password. */
function isBaseUrl(text: string): boolean {
  return (
    isUrl(text, ['http:', 'https:']) && new URL(text).username + new URL(text).password === '' && !/[?#]/.test(text)
  );
}

/** Accepts an address, a network with its prefix length, or one of Fastify's names for local networks. */
function isNetwork(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', prefix = '0', ...rest] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

function isUrl(text: string, protocols: string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}
