import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { loadConfig, SETTINGS } from '../../src/bootstrap/config.js';
import { Settings, type SettingName } from '../../src/bootstrap/settings/settings.js';

const GOOD_SECRET = 'good-secret-0123456789-abcdefghijkl';
const SERVER = {
  DATABASE_URL: 'postgres://rolecall@db.example:5432/rolecall',
  LINK_SECRET: GOOD_SECRET,
  MASTER_KEY: GOOD_SECRET,
  PERSON_SECRET: GOOD_SECRET,
  SESSION_SECRET: GOOD_SECRET,
};
const ADMIN = { ADMIN_EMAIL: 'root@example.org', ADMIN_PASSWORD: 'correct horse battery' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-settings-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    return (error as { problems: string[] }).problems;
  }
}

const wholeNumber = (most: number): string => `must be a whole number from 0 to ${String(most)}`;
const TOO_WEAK = 'is too weak: use at least 32 random characters, for example from "openssl rand -base64 48"';
const HTTPS = 'must be an https address without user name';
const APPLE = 'must be app ids like ABCDE12345.org.example.app, separated by commas';
const ANDROID =
  'must be packages with a SHA-256 fingerprint each, like org.example.app/14:6D:E9:..., separated by commas';
const CONTACT = 'must be an e-mail address, or begin with mailto:, tel: or https:';
const METRICS_PORT = 'must be a whole number from 0 to 65535, and not the one of PORT';
const METRICS_TOKEN = 'must have 20 to 200 printable ASCII characters, no spaces';
const NETWORKS = 'must be addresses or networks like 10.0.0.0/8, separated by commas';
const SENDER =
  'must be one sender like Rolecall <no-reply@example.org>: no group, no second address, and quotes in pairs';
const PASSWORD = 'must have 12 to 128 characters';
const MAIL_RATE = 'must look like 100/5: 1 to 1000 mails per second, 1 to 50 connections';

/** Each check by itself: a value that it alone refuses, and what follows the setting's name then. */
const REFUSED: readonly [setting: SettingName, value: string, problem: string][] = [
  ['PORT', '65536', wholeNumber(65_535)],
  ['PORT', '8e1', wholeNumber(65_535)],
  ['HOST', 'example.org:80', 'must be an IP address or a host name, without port'],
  ['PUBLIC_URL', '///', 'must look like https://invitations.example.org'],
  ['PUBLIC_URL', 'ftp://example.org', 'must look like https://invitations.example.org'],
  ['PUBLIC_URL', 'https://user@example.org', 'must look like https://invitations.example.org'],
  ['PUBLIC_URL', 'https://:password@example.org', 'must look like https://invitations.example.org'],
  ['PUBLIC_URL', 'https://example.org?', 'must look like https://invitations.example.org'],
  ['PUBLIC_URL', 'https://example.org/#', 'must look like https://invitations.example.org'],
  ['DATABASE_URL', 'postgres://db.example', 'names no database: add it behind the host, like /rolecall'],
  ['EVENTSTORE_URL', 'esdb://host?nonsense=1', 'has an option that is not known'],
  ['SMTP_URL', 'smtp://mail.example?requireTLS=yes', 'has a parameter requireTLS that must be true or false'],
  ['SMTP_CA_FILE', '/not/there', "names a file that can't be read (ENOENT)"],
  ['SMTP_CA_FILE', import.meta.filename, 'names a file that holds no certificate, or a damaged one'],
  ['MAIL_FROM', 'Team: a@example.org;', SENDER],
  ['MAIL_RATE', '1001/5', MAIL_RATE],
  ['MAIL_RATE', '100/51', MAIL_RATE],
  ['ADMIN_EMAIL', 'nonsense', 'must be an e-mail address'],
  ['ADMIN_PASSWORD', 'x'.repeat(11), PASSWORD],
  ['ADMIN_PASSWORD', 'x'.repeat(129), PASSWORD],
  ['LINK_SECRET', GOOD_SECRET.slice(0, 31), TOO_WEAK],
  ['LINK_SECRET', `${GOOD_SECRET},${GOOD_SECRET.slice(0, 31)}`, TOO_WEAK],
  ['MASTER_KEY', GOOD_SECRET.slice(0, 31), TOO_WEAK],
  ['MASTER_KEY', 'abcdefghi'.repeat(8), TOO_WEAK],
  ['PERSON_SECRET', GOOD_SECRET.slice(0, 31), TOO_WEAK],
  ['SESSION_SECRET', GOOD_SECRET.slice(0, 31), TOO_WEAK],
  ['APP_STORE_URL', 'http://apps.example', HTTPS],
  ['PLAY_STORE_URL', 'https://user@play.example', HTTPS],
  ['APP_LINK', 'rolecall://open', 'must be an address with {url} in it'],
  ['APP_LINK', '/open?{url}', 'must be an address with {url} in it'],
  ['APP_LINK', 'JavaScript:open({url})', 'must be an address with {url} in it'],
  ['APP_LINK', 'data:text/html,{url}', 'must be an address with {url} in it'],
  ['APP_LINK', 'vbscript:{url}', 'must be an address with {url} in it'],
  ['APP_LINK', 'file:///{url}', 'must be an address with {url} in it'],
  ['APPLE_APP_IDS', 'org.example.app', APPLE],
  ['APPLE_APP_IDS', 'ABCDE12345.org.example.app,', APPLE],
  ['ANDROID_APPS', 'org.example.app', ANDROID],
  ['ANDROID_APPS', `org.example.app/${'ab:'.repeat(31)}ab`, ANDROID],
  ['TRUSTED_PROXIES', '10.0.0.0/33', NETWORKS],
  ['TRUSTED_PROXIES', '10.0.0.0/', NETWORKS],
  ['TRUSTED_PROXIES', '::1, 10.0.0.0/8/8', NETWORKS],
  ['HSTS_SUBDOMAINS', 'true', 'must be yes or no'],
  ['HSTS_SUBDOMAINS', 'constructor', 'must be yes or no'],
  ['OWN_EVENTS_PER_HOUR', '1000000', wholeNumber(999_999)],
  ['SECURITY_CONTACT', 'http://example.org', CONTACT],
  ['SECURITY_CONTACT', 'https://example.org/ä', CONTACT],
  ['SECURITY_CONTACT', 'mailto:nobody', CONTACT],
  ['SECURITY_CONTACT', 'jürgen@example.org', CONTACT],
  ['SECURITY_CONTACT', 'tel:555', CONTACT],
  ['END_SESSIONS_WITH_LAST_ROLE', 'yes', 'must be true or false'],
  ['SESSION_HOURS', '0', 'must be a whole number from 1 to 8784'],
  ['SESSION_HOURS', '8785', 'must be a whole number from 1 to 8784'],
  ['SESSION_IDLE_HOURS', '8785', wholeNumber(8784)],
  ['METRICS_PORT', '65536', METRICS_PORT],
  ['METRICS_TOKEN', 'x'.repeat(19), METRICS_TOKEN],
  ['METRICS_TOKEN', 'x'.repeat(201), METRICS_TOKEN],
  ['METRICS_TOKEN', 'with a space in it, long', METRICS_TOKEN],
  ['RESENDS_PER_MINUTE', '1000000', wholeNumber(999_999)],
  ['RESENDS_PER_DAY', '1000000', wholeNumber(999_999)],
  ['ORGANISATION_INVITATIONS_PER_DAY', '10000001', wholeNumber(10_000_000)],
  ['CALLER_INVITATIONS_PER_DAY', '10000001', wholeNumber(10_000_000)],
  ['PREVIEWS_PER_HOUR', '100001', wholeNumber(100_000)],
  ['MAX_FILE_MB', '0', 'must be a whole number from 1 to 1024'],
  ['MAX_FILE_MB', '1025', 'must be a whole number from 1 to 1024'],
  ['ORGANISATION_FILES_MB', '10000001', wholeNumber(10_000_000)],
  ['PROCESS', 'Web', 'must be one of web, worker, all'],
  ['LOG_LEVEL', 'loud', 'must be one of fatal, error, warn, info, debug, trace, silent'],
];

/** The last value that each limit allows, and what a check next to it would refuse. */
const ALLOWED: readonly [setting: SettingName, value: string][] = [
  ['PORT', '0'],
  ['PORT', '65535'],
  ['HOST', 'db-1.example.org'],
  ['PUBLIC_URL', 'http://localhost:3000/rolecall'],
  ['MAIL_RATE', '1/1'],
  ['MAIL_RATE', '1000/50'],
  ['ADMIN_PASSWORD', 'x'.repeat(12)],
  ['ADMIN_PASSWORD', 'x'.repeat(128)],
  ['MASTER_KEY', GOOD_SECRET.slice(0, 32)],
  ['MASTER_KEY', 'abcdefghij'.repeat(4)],
  ['APP_LINK', 'rolecall://open?{url}'],
  ['APPLE_APP_IDS', 'ABCDE12345.org.example.app, ABCDE12345.org.example.second-app'],
  ['ANDROID_APPS', `org.example.app/${'AB:'.repeat(31)}AB,org.example.app/${'0F:'.repeat(31)}0F`],
  ['TRUSTED_PROXIES', '10.0.0.0/32, ::/128,linklocal,uniquelocal'],
  ['OWN_EVENTS_PER_HOUR', '999999'],
  ['SESSION_HOURS', '1'],
  ['SESSION_HOURS', '8784'],
  ['SESSION_IDLE_HOURS', '8784'],
  ['METRICS_PORT', '65535'],
  ['METRICS_TOKEN', 'x'.repeat(20)],
  ['METRICS_TOKEN', 'x'.repeat(200)],
  ['RESENDS_PER_MINUTE', '999999'],
  ['RESENDS_PER_DAY', '999999'],
  ['ORGANISATION_INVITATIONS_PER_DAY', '10000000'],
  ['CALLER_INVITATIONS_PER_DAY', '10000000'],
  ['PREVIEWS_PER_HOUR', '100000'],
  ['MAX_FILE_MB', '1'],
  ['MAX_FILE_MB', '1024'],
  ['ORGANISATION_FILES_MB', '10000000'],
];

describe('a setting by itself', () => {
  it.each(REFUSED)('%s is refused at %j', (setting, value, problem) => {
    expect(problemsOf({ ...SERVER, ...ADMIN, [setting]: value })).toEqual([`${setting} ${problem}`]);
  });

  it.each(ALLOWED)('%s is allowed at %j', (setting, value) => {
    expect(problemsOf({ ...SERVER, ...ADMIN, [setting]: value })).toEqual([]);
  });

  it('has a value that is refused, unless every text is a folder', () => {
    const refused = new Set<string>(REFUSED.map(([setting]) => setting));
    expect(Object.keys(SETTINGS).filter((name) => !refused.has(name))).toEqual(['DATA_DIR', 'FILES_DIR']);
  });

  it('switches what it names on or off', () => {
    const load = (word: string, truth: string) =>
      loadConfig({ ...SERVER, HSTS_SUBDOMAINS: word, END_SESSIONS_WITH_LAST_ROLE: truth });
    expect(load('yes', 'true')).toMatchObject({ hstsSubdomains: true, endSessionsWithLastRole: true });
    expect(load('no', 'false')).toMatchObject({ hstsSubdomains: false, endSessionsWithLastRole: false });
  });

  it('names a folder by a path that does not depend on where the process is later', () => {
    expect(loadConfig({ ...SERVER, DATA_DIR: 'here' }).dataDir).toBe(join(process.cwd(), 'here'));
  });

  it.each(['LINK_SECRET', 'MASTER_KEY', 'PERSON_SECRET', 'SESSION_SECRET'])(
    '%s is refused when the file of an embedded installation has a weak one, or an empty one',
    (setting) => {
      const { DATABASE_URL: _, ...secrets } = SERVER;
      const withOwn = (own: string): readonly string[] => {
        writeFileSync(join(folder, 'secrets.json'), JSON.stringify({ ...secrets, [setting]: own }));
        return problemsOf({ DATA_DIR: folder });
      };
      expect(withOwn(GOOD_SECRET)).toEqual([]);
      expect(withOwn('weak')).toEqual([`${setting} ${TOO_WEAK}`]);
      expect(withOwn('')).toEqual([`${setting} is missing in secrets.json in DATA_DIR: restore that file`]);
    },
  );
});

describe('a rule across settings', () => {
  it('refuses EVENTSTORE_URL without DATABASE_URL', () => {
    const together = 'EVENTSTORE_URL goes with DATABASE_URL: an embedded installation keeps its events in DATA_DIR';
    expect(problemsOf({ DATA_DIR: folder, EVENTSTORE_URL: 'esdb://host' })).toEqual([together]);
    expect(problemsOf({ ...SERVER, EVENTSTORE_URL: 'esdb://host' })).toEqual([]);
  });

  it.each([
    [{ ADMIN_EMAIL: '' }, ['ADMIN_EMAIL and ADMIN_PASSWORD go together']],
    [{ ADMIN_PASSWORD: '' }, ['ADMIN_EMAIL and ADMIN_PASSWORD go together']],
    [{ ADMIN_EMAIL: '', ADMIN_PASSWORD: '' }, []],
    [{}, []],
  ])('refuses one of ADMIN_EMAIL and ADMIN_PASSWORD alone: without %j', (without, problems) => {
    expect(problemsOf({ ...SERVER, ...ADMIN, ...without })).toEqual(problems);
  });

  it('refuses SMTP_CA_FILE with a certificate that is not verified', () => {
    const SMTP_CA_FILE = join(folder, 'authorities.pem');
    writeFileSync(SMTP_CA_FILE, rootCertificates[0]!);
    const withMail = (SMTP_URL: string): readonly string[] => problemsOf({ ...SERVER, SMTP_CA_FILE, SMTP_URL });
    expect(withMail('smtp://mail.example?tls.rejectUnauthorized=false')).toEqual([
      'SMTP_CA_FILE and tls.rejectUnauthorized=false in SMTP_URL contradict each other: set one of them',
    ]);
    expect(withMail('smtp://mail.example?tls.rejectUnauthorized=true')).toEqual([]);
    expect(problemsOf({ ...SERVER, SMTP_URL: 'smtp://mail.example?tls.rejectUnauthorized=false' })).toEqual([]);
    expect(withMail('mail.example')).toEqual([expect.stringMatching(/^SMTP_URL must look like /)]);
  });

  it.each([
    ['3000', '', [`METRICS_PORT ${METRICS_PORT}`]],
    ['8080', '8080', [`METRICS_PORT ${METRICS_PORT}`]],
    ['3001', '', []],
    ['0', '0', []],
    ['hush', 'hush', [`PORT ${wholeNumber(65_535)}`, `METRICS_PORT ${METRICS_PORT}`]],
  ])('refuses METRICS_PORT %j beside PORT %j: %j', (metricsPort, port, problems) => {
    expect(problemsOf({ ...SERVER, METRICS_PORT: metricsPort, PORT: port })).toEqual(problems);
  });

  it.each(['LINK_SECRET', 'MASTER_KEY', 'PERSON_SECRET', 'SESSION_SECRET'])(
    'refuses DATABASE_URL without %s',
    (setting) => {
      expect(problemsOf({ ...SERVER, [setting]: ' ' })).toEqual([`${setting} is required when DATABASE_URL is set`]);
    },
  );
});

describe('the declaration', () => {
  it('describes each property of the class', () => {
    expect(Object.keys(SETTINGS)).toEqual(Object.keys(new Settings()));
  });

  it('gives the order of the problems, those of rules across settings too', () => {
    writeFileSync(join(folder, 'secrets.json'), 'damaged');
    const { ADMIN_PASSWORD: _, ...bad } = Object.fromEntries(REFUSED);
    const problems = problemsOf({ ...bad, DATABASE_URL: '', DATA_DIR: folder, PORT: '65536' });
    expect(problems.map((problem) => problem.split(' ', 1)[0])).toEqual(
      Object.keys(SETTINGS).flatMap((name) =>
        name === 'DATA_DIR'
          ? ['secrets.json']
          : ['DATABASE_URL', 'FILES_DIR', 'ADMIN_PASSWORD'].includes(name)
            ? []
            : ['EVENTSTORE_URL', 'ADMIN_EMAIL'].includes(name)
              ? [name, name]
              : [name],
      ),
    );
  });
});
