import { join } from 'node:path';
import { plainToInstance } from 'class-transformer';
import { withSecretFiles } from './secret-files.js';
import { deriveKey, withOwnSecrets } from './secrets.js';
import { mistypedSettings } from './settings/mistyped-settings.js';
import { problemsAcross } from './settings/rules-across-settings.js';
import { descriptionsOf, problemsWith, textsOf, type SettingProblem } from './settings/setting.js';
import { Settings, type SettingName } from './settings/settings.js';
import { FileLimits } from '../modules/groups/contents/file-limits.js';
import { LimitSettings } from '../modules/invitations/invite/limits/limit-settings.js';
import { type AndroidApp, AppSettings } from '../modules/patients/app-settings.js';
import type { ProcessName } from '../shared/lifecycle/process-role.js';
import { DEFAULT_MAIL_RATE, readMailRate, type MailRate } from '../shared/mail/mail-rate.js';
import { defaultSender } from '../shared/mail/sender.js';

/** Every setting of the environment with its description. A test compares this list with `docs/operations.md`. */
export const SETTINGS = descriptionsOf(Settings);
const NAMES = Object.keys(SETTINGS);

export interface Config {
  port: number;
  host: string;
  /** Without a trailing slash. Null: links begin with the address the server listens on. */
  publicUrl: string | null;
  dataDir: string;
  /** Null: the installation stores no files. */
  filesDir: string | null;
  fileLimits: FileLimits;
  databaseUrl: string | null;
  /** Null: the events are in the database. */
  eventStoreUrl: string | null;
  smtpUrl: string | null;
  /** PEM. Null: Node's own authorities are trusted. */
  smtpAuthorities: string | null;
  mailFrom: string;
  /** False: MAIL_FROM isn't set, so the sender is the default one. */
  isMailFromSet: boolean;
  /** A rateLimit in SMTP_URL replaces its mails per second. */
  mailRate: MailRate;
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
  sessionHours: number;
  /** 0: no idle end. */
  sessionIdleHours: number;
  /** Null: metrics have no port of their own. */
  metricsPort: number | null;
  /** Null: the main port refuses requests for metrics. */
  metricsToken: string | null;
  limits: LimitSettings;
  process: ProcessName;
  logLevel: string;
  /** True under `npm run dev`, which sets NODE_ENV. */
  isDevelopment: boolean;
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
  const unusable = mistypedSettings(Object.keys(given), NAMES).map(
    ([name, meant]) => `${name} is no setting: ${meant} was meant`,
  );
  const env = withSecretFiles(given, unusable);
  // A database address in an unreadable file must not lead to a new embedded installation.
  if (unusable.length > 0) throw new ConfigError(unusable);

  const problems: SettingProblem<SettingName>[] = [];
  const texts = textsOf(Settings, env);
  const whole = withOwnSecrets(texts, texts.DATABASE_URL === null ? texts.DATA_DIR : null, problems);
  const settings = plainToInstance(Settings, whole);
  problems.push(...problemsWith(settings), ...problemsAcross(settings));
  if (problems.length > 0) throw new ConfigError(inOrder(problems));
  return { ...configOf(settings), isDevelopment: env['NODE_ENV'] === 'development' };
}

/** Problems of one setting stay in the order in which they were found. */
function inOrder(problems: readonly SettingProblem<SettingName>[]): string[] {
  return problems
    .toSorted((one, other) => NAMES.indexOf(one.setting) - NAMES.indexOf(other.setting))
    .map(({ sentence }) => sentence);
}

function configOf(settings: Settings): Omit<Config, 'isDevelopment'> {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = settings;
  return {
    port: settings.PORT,
    host: settings.HOST,
    publicUrl: settings.PUBLIC_URL,
    dataDir: settings.DATA_DIR,
    filesDir: settings.FILES_DIR ?? (settings.DATABASE_URL === null ? join(settings.DATA_DIR, 'files') : null),
    fileLimits: new FileLimits(settings.MAX_FILE_MB, settings.ORGANISATION_FILES_MB),
    databaseUrl: settings.DATABASE_URL,
    eventStoreUrl: settings.EVENTSTORE_URL,
    smtpUrl: settings.SMTP_URL,
    smtpAuthorities: settings.SMTP_CA_FILE?.pem ?? null,
    mailFrom: settings.MAIL_FROM ?? defaultSender(settings.PUBLIC_URL),
    isMailFromSet: settings.MAIL_FROM !== null,
    mailRate: settings.MAIL_RATE === null ? DEFAULT_MAIL_RATE : readMailRate(settings.MAIL_RATE),
    admin: email !== null && password !== null ? { email, password } : null,
    linkSecrets: settings.LINK_SECRET.map((secret) => deriveKey(secret, 'link')),
    masterKey: deriveKey(settings.MASTER_KEY, 'master'),
    personSecret: deriveKey(settings.PERSON_SECRET, 'person'),
    sessionSecret: settings.SESSION_SECRET,
    signInSecret: deriveKey(settings.SESSION_SECRET, 'sign-in'),
    app: new AppSettings(
      { appStoreUrl: settings.APP_STORE_URL, playStoreUrl: settings.PLAY_STORE_URL },
      settings.APP_LINK,
      { appleAppIds: settings.APPLE_APP_IDS ?? [], androidApps: androidAppsOf(settings.ANDROID_APPS ?? []) },
    ),
    trustedProxies: settings.TRUSTED_PROXIES ?? [],
    hstsSubdomains: settings.HSTS_SUBDOMAINS,
    ownEventsPerHour: settings.OWN_EVENTS_PER_HOUR,
    limits: new LimitSettings(
      { perMinute: settings.RESENDS_PER_MINUTE, perDay: settings.RESENDS_PER_DAY },
      { organisation: settings.ORGANISATION_INVITATIONS_PER_DAY, caller: settings.CALLER_INVITATIONS_PER_DAY },
      settings.PREVIEWS_PER_HOUR,
    ),
    securityContact: settings.SECURITY_CONTACT,
    endSessionsWithLastRole: settings.END_SESSIONS_WITH_LAST_ROLE,
    sessionHours: settings.SESSION_HOURS,
    sessionIdleHours: settings.SESSION_IDLE_HOURS,
    metricsPort: settings.METRICS_PORT,
    metricsToken: settings.METRICS_TOKEN,
    process: settings.PROCESS,
    logLevel: settings.LOG_LEVEL,
  };
}

/** The apps of the setting, each package once with all its fingerprints. */
function androidAppsOf(apps: readonly string[]): AndroidApp[] {
  const pairs = apps.map((app) => app.split('/') as [packageName: string, fingerprint: string]);
  return [...Map.groupBy(pairs, ([packageName]) => packageName)].map(([packageName, found]) => ({
    packageName,
    fingerprints: found.map(([, fingerprint]) => fingerprint),
  }));
}
