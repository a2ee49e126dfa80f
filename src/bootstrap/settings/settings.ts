import { MAX_PASSWORD_LENGTH } from '../../modules/accounts/authentication.js';
import { MAX_PREVIEWS_PER_HOUR } from '../../modules/invitations/invite/limits/preview-limit.js';
import { problemWithConnectionUrl } from '../../shared/database/connection-url.js';
import { problemWith } from '../../shared/event-sourcing/eventstoredb/connection-string.js';
import { PROCESS_NAMES, type ProcessName } from '../../shared/lifecycle/process-role.js';
import { problemWithMailRate } from '../../shared/mail/mail-rate.js';
import { problemWithSmtpUrl } from '../../shared/mail/smtp-url.js';
import type { CertificateFile } from './certificate-file.js';
import { Setting } from './setting.js';
import {
  AreAndroidApps,
  AreAppleAppIds,
  AreNetworks,
  AreStrongSecrets,
  CheckedBy,
  HasLength,
  IsAppLink,
  IsBaseUrl,
  IsCertificateFile,
  IsContact,
  IsEmailAddress,
  IsFolder,
  IsHost,
  IsHttpsAddress,
  IsOneOf,
  IsSender,
  IsStrongSecret,
  IsSwitch,
  IsToken,
  IsWholeNumber,
} from './setting-checks.js';

const MAX_PORT = 65_535;
/** One sentence for both: a bad port, and the one that PORT has. */
export const METRICS_PORT_PROBLEM = `must be a whole number from 0 to ${String(MAX_PORT)}, and not the one of PORT`;
const MIN_ADMIN_PASSWORD_LENGTH = 12;
const MAX_CALLS = 999_999;
/** A year. */
const MAX_SESSION_HOURS = 366 * 24;
const MAX_INVITATIONS_PER_DAY = 10_000_000;
const MAX_FILE_MB = 1024;
const MAX_ORGANISATION_FILES_MB = 10_000_000;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/**
 * Every setting of the environment, converted. Problems are reported in this order. A property that may be null is null
 * when its setting is absent. Rules between settings stand in `rules-across-settings.ts`.
 */
export class Settings {
  @Setting('Port of the HTTP interface', { default: '3000' })
  @IsWholeNumber(MAX_PORT)
  readonly PORT: number;

  @Setting('Address to listen on', { default: '127.0.0.1' })
  @IsHost()
  readonly HOST: string;

  @Setting('Where people reach this installation; links in mails begin with it')
  @IsBaseUrl()
  readonly PUBLIC_URL: string | null;

  @Setting('Folder of the embedded database and its secrets', { default: './data' })
  @IsFolder()
  readonly DATA_DIR: string;

  @Setting(
    'Folder of stored files, which all instances share; absent: none are stored with DATABASE_URL, else in DATA_DIR',
  )
  @IsFolder()
  readonly FILES_DIR: string | null;

  @Setting('PostgreSQL server; absent: embedded PostgreSQL in DATA_DIR')
  @CheckedBy(problemWithConnectionUrl)
  readonly DATABASE_URL: string | null;

  @Setting('EventStoreDB or KurrentDB; absent: events in PostgreSQL')
  @CheckedBy(problemWith)
  readonly EVENTSTORE_URL: string | null;

  @Setting('Mail server; absent: mails wait on the mailbox page')
  @CheckedBy(problemWithSmtpUrl)
  readonly SMTP_URL: string | null;

  @Setting("PEM file of the authorities that may have signed the mail server's certificate, and of no others")
  @IsCertificateFile()
  readonly SMTP_CA_FILE: CertificateFile | null;

  @Setting('Sender of all mail')
  @IsSender()
  readonly MAIL_FROM: string | null;

  // Null counts as the default, which a rateLimit in SMTP_URL replaces.
  @Setting('Mails per second and connections to the mail server, of one process: 1 to 1000, 1 to 50')
  @CheckedBy(problemWithMailRate)
  readonly MAIL_RATE: string | null;

  @Setting('First super-admin, made when none is known')
  @IsEmailAddress()
  readonly ADMIN_EMAIL: string | null;

  @Setting('Password of the first super-admin', { keepsBlanks: true })
  @HasLength(MIN_ADMIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH)
  readonly ADMIN_PASSWORD: string | null;

  // The start is refused without the four secrets (`withOwnSecrets`), so they are never null.
  @Setting('Signs links; several separated by commas: the first signs, all verify')
  @AreStrongSecrets()
  readonly LINK_SECRET: readonly string[];

  @Setting("Wraps every person's data key")
  @IsStrongSecret()
  readonly MASTER_KEY: string;

  @Setting('Turns an address into the keyed hash it is found by')
  @IsStrongSecret()
  readonly PERSON_SECRET: string;

  @Setting('Signs session tokens')
  @IsStrongSecret()
  readonly SESSION_SECRET: string;

  @Setting("The patients' app at the App Store; a deployment may have its own")
  @IsHttpsAddress()
  readonly APP_STORE_URL: string | null;

  @Setting("The patients' app at Google Play; a deployment may have its own")
  @IsHttpsAddress()
  readonly PLAY_STORE_URL: string | null;

  @Setting("Opens an invitation in the patients' app: {url} stands for its address, encoded")
  @IsAppLink()
  readonly APP_LINK: string | null;

  @Setting('Apps of Apple devices that open our links, as TEAM.bundle; several separated by commas')
  @AreAppleAppIds()
  readonly APPLE_APP_IDS: readonly string[] | null;

  @Setting('Android apps that open our links, as package/fingerprint; several separated by commas')
  @AreAndroidApps()
  readonly ANDROID_APPS: readonly string[] | null;

  @Setting('Addresses or networks whose X-Forwarded-For is believed, separated by commas')
  @AreNetworks()
  readonly TRUSTED_PROXIES: readonly string[] | null;

  @Setting('yes: browsers are to reach subdomains of PUBLIC_URL by TLS alone as well', { default: 'no' })
  @IsSwitch('yes', 'no')
  readonly HSTS_SUBDOMAINS: boolean;

  @Setting('Events that one person may append about themselves in an hour; 0: as many as they like', { default: '300' })
  @IsWholeNumber(MAX_CALLS)
  readonly OWN_EVENTS_PER_HOUR: number;

  @Setting(
    'Where weaknesses are reported, for /.well-known/security.txt: an e-mail address, mailto:, tel: or https: address',
  )
  @IsContact()
  readonly SECURITY_CONTACT: string | null;

  @Setting('`true`: a person who loses their last role in an organisation is signed out', { default: 'false' })
  @IsSwitch('true', 'false')
  readonly END_SESSIONS_WITH_LAST_ROLE: boolean;

  @Setting('How old a session may become, in hours', { default: '168' })
  @IsWholeNumber(MAX_SESSION_HOURS, `must be a whole number from 1 to ${String(MAX_SESSION_HOURS)}`, 1)
  readonly SESSION_HOURS: number;

  @Setting('How long a session may be unused, in hours; 0: as long as it lives', { default: '0' })
  @IsWholeNumber(MAX_SESSION_HOURS)
  readonly SESSION_IDLE_HOURS: number;

  @Setting('Port on 127.0.0.1 that `/metrics` is served at, and then nowhere else')
  @IsWholeNumber(MAX_PORT, METRICS_PORT_PROBLEM)
  readonly METRICS_PORT: number | null;

  @Setting('Without METRICS_PORT: who sends it as Bearer token gets `/metrics`; absent: nobody does')
  @IsToken()
  readonly METRICS_TOKEN: string | null;

  @Setting('How often one invitation may be sent again in a minute; 0: as often as they like', { default: '1' })
  @IsWholeNumber(MAX_CALLS)
  readonly RESENDS_PER_MINUTE: number;

  @Setting('How often one invitation may be sent again in 24 hours; 0: as often as they like', { default: '5' })
  @IsWholeNumber(MAX_CALLS)
  readonly RESENDS_PER_DAY: number;

  @Setting('Addresses that are invited in one organisation in a day; 0: as many as they like', { default: '100000' })
  @IsWholeNumber(MAX_INVITATIONS_PER_DAY)
  readonly ORGANISATION_INVITATIONS_PER_DAY: number;

  @Setting('Addresses that one caller invites in a day; 0: as many as they like', { default: '50000' })
  @IsWholeNumber(MAX_INVITATIONS_PER_DAY)
  readonly CALLER_INVITATIONS_PER_DAY: number;

  @Setting('Distinct addresses in dry runs and import previews of one caller in an hour; 0: as many as they like', {
    default: '20000',
  })
  @IsWholeNumber(MAX_PREVIEWS_PER_HOUR)
  readonly PREVIEWS_PER_HOUR: number;

  @Setting('Largest size of a stored file, in MiB: 1 to 1024', { default: '50' })
  @IsWholeNumber(MAX_FILE_MB, `must be a whole number from 1 to ${String(MAX_FILE_MB)}`, 1)
  readonly MAX_FILE_MB: number;

  @Setting('Size of all stored files of one organisation, in MiB; 0: as much as they like', { default: '5120' })
  @IsWholeNumber(MAX_ORGANISATION_FILES_MB)
  readonly ORGANISATION_FILES_MB: number;

  @Setting('`web`: serves callers alone; `worker`: runs the background work alone, and sends mails; `all`: both', {
    default: 'all',
  })
  @IsOneOf(PROCESS_NAMES)
  readonly PROCESS: ProcessName;

  @Setting('fatal, error, warn, info, debug, trace or silent', { default: 'info' })
  @IsOneOf(LOG_LEVELS)
  readonly LOG_LEVEL: string;
}

export type SettingName = keyof Settings;
/** What is given for each setting, before it is converted and checked. Null: nothing, and there is no default. */
export type SettingTexts = Record<SettingName, string | null>;
