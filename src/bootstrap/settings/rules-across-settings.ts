import { problemWithSmtpUrl, readSmtpUrl } from '../../shared/mail/smtp-url.js';
import type { SettingProblem } from './setting.js';
import { METRICS_PORT_PROBLEM, type SettingName, type Settings } from './settings.js';

/** What settings must hold together. Its problem is reported with those of the first setting that it names. */
interface Rule extends SettingProblem<SettingName> {
  isBroken(settings: Settings): boolean;
}

/** Each rule may meet settings that a check of their own refused. */
const RULES: readonly Rule[] = [
  {
    setting: 'EVENTSTORE_URL',
    sentence: 'EVENTSTORE_URL goes with DATABASE_URL: an embedded installation keeps its events in DATA_DIR',
    isBroken: ({ EVENTSTORE_URL, DATABASE_URL }) => EVENTSTORE_URL !== null && DATABASE_URL === null,
  },
  {
    setting: 'SMTP_CA_FILE',
    sentence: 'SMTP_CA_FILE and tls.rejectUnauthorized=false in SMTP_URL contradict each other: set one of them',
    isBroken: ({ SMTP_CA_FILE, SMTP_URL }) => !!SMTP_CA_FILE?.pem && SMTP_URL !== null && isUnverified(SMTP_URL),
  },
  {
    setting: 'MAIL_RATE',
    sentence: 'MAIL_RATE and rateLimit in SMTP_URL contradict each other: set one of them',
    isBroken: ({ MAIL_RATE, SMTP_URL }) => MAIL_RATE !== null && SMTP_URL !== null && limitsRate(SMTP_URL),
  },
  {
    setting: 'ADMIN_EMAIL',
    sentence: 'ADMIN_EMAIL and ADMIN_PASSWORD go together',
    isBroken: ({ ADMIN_EMAIL, ADMIN_PASSWORD }) => (ADMIN_EMAIL === null) !== (ADMIN_PASSWORD === null),
  },
  {
    setting: 'METRICS_PORT',
    sentence: `METRICS_PORT ${METRICS_PORT_PROBLEM}`,
    // At port 0 each gets a free one.
    isBroken: ({ METRICS_PORT, PORT }) => METRICS_PORT !== 0 && METRICS_PORT === PORT,
  },
  {
    setting: 'PROCESS',
    sentence: 'PROCESS goes with DATABASE_URL: one process runs an embedded installation',
    isBroken: ({ PROCESS, DATABASE_URL }) => ['web', 'worker'].includes(PROCESS) && DATABASE_URL === null,
  },
  {
    setting: 'PROCESS',
    sentence: 'PUBLIC_URL is required with PROCESS=worker: links in mails begin with it, and a worker serves none',
    isBroken: ({ PROCESS, PUBLIC_URL }) => PROCESS === 'worker' && PUBLIC_URL === null,
  },
];

export function problemsAcross(settings: Settings): SettingProblem<SettingName>[] {
  return RULES.filter((rule) => rule.isBroken(settings));
}

function isUnverified(smtpUrl: string): boolean {
  return problemWithSmtpUrl(smtpUrl) === null && readSmtpUrl(smtpUrl).tls.rejectUnauthorized === false;
}

function limitsRate(smtpUrl: string): boolean {
  return problemWithSmtpUrl(smtpUrl) === null && readSmtpUrl(smtpUrl).rateLimit !== undefined;
}
