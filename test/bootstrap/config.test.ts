import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { loadConfig, SETTINGS, type Config } from '../../src/bootstrap/config.js';
import { SECRET_SETTINGS } from '../../src/bootstrap/secret-files.js';
import { cellsOf } from '../support/tables.js';

const SECRETS = {
  LINK_SECRET: 'link-secret-0123456789-abcdefghijkl',
  MASTER_KEY: 'master-key-0123456789-abcdefghijkl',
  PERSON_SECRET: 'person-secret-0123456789-abcdefgh',
  SESSION_SECRET: 'session-secret-0123456789-abcdef',
};
const SERVER = { DATABASE_URL: 'postgres://rolecall@db.example:5432/rolecall', ...SECRETS };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function problemsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    const { name, message, problems } = error as { name: string; message: string; problems: string[] };
    expect([name, message]).toEqual(['ConfigError', problems.join('; ')]);
    expect(message).not.toContain('\n');
    return problems;
  }
}

/** The names of the settings that stop a start with this environment. */
function refused(env: Record<string, string>): string[] {
  return problemsOf({ ...SERVER, ...env }).map((problem) => /[A-Z]+(?:_[A-Z]+)*/.exec(problem)![0]);
}

describe('a bad setting stops the start', () => {
  it.each([
    ['HSTS_SUBDOMAINS', ['true', 'YES', '1']],
    ['PORT', ['nonsense', '-1', '65536', '80.5', '0x50', '1e3']],
    ['HOST', ['not a host', 'example.org:80', 'http://example.org', '-x', '1.2.3.4/8']],
    [
      'PUBLIC_URL',
      [
        'example.org',
        'ftp://example.org',
        'https://user:password@example.org',
        'https://example.org?x',
        'https://example.org/#x',
      ],
    ],
    [
      'DATABASE_URL',
      [
        'nonsense',
        'mysql://db.example/rolecall',
        'postgres://db.example',
        'postgres://user:100%@db.example/rolecall',
        `${SERVER.DATABASE_URL}?sslmode=allow`,
        `${SERVER.DATABASE_URL}?ssl=true`,
        `${SERVER.DATABASE_URL}?sslmode=verify-full&sslrootcert=/not/there`,
      ],
    ],
    [
      'EVENTSTORE_URL',
      [
        'localhost:2113',
        'kurrentdb://localhost',
        'http://localhost:2113',
        'esdb://',
        'esdb://host:port',
        'esdb://a:b:c@host',
        'esdb://a:b@c@host',
        'esdb://a@host',
        'esdb://host?nonsense=1',
        'esdb://host?tls=maybe',
        'esdb://a:b@host?tls=false',
        'esdb://host?keepAliveInterval=5',
        'esdb://host?tlsCAFile=/not/there',
      ],
    ],
    [
      'SMTP_URL',
      [
        'mail.example',
        'http://mail.example',
        'smtp://mail.example?requireTls=true',
        'smtp://mail.example?requireTLS=yes',
        'smtp://ann:12/34@mail.example',
      ],
    ],
    ['SMTP_CA_FILE', ['/not/there', '/', import.meta.filename]],
    [
      'MAIL_FROM',
      [
        'Rolecall',
        'Rolecall <nonsense>',
        'a@example.org, b@example.org',
        'X <a@example.org> <b@example.org>',
        'Team: a@example.org;',
        'Ops" <a@example.org>',
      ],
    ],
    ['APP_STORE_URL', ['apps.example', 'http://apps.example', 'ftp://apps.example', 'https://user@apps.example']],
    ['PLAY_STORE_URL', ['play.example', 'http://play.example', 'https://user:password@play.example']],
    ['LINK_SECRET', ['short', 'a'.repeat(64), `${SECRETS.LINK_SECRET},short`, `${SECRETS.LINK_SECRET},`]],
    ['MASTER_KEY', ['short', 'ab'.repeat(32)]],
    ['PERSON_SECRET', ['changeme']],
    ['SESSION_SECRET', ['123456789012345678901234567890']],
    ['TRUSTED_PROXIES', ['nonsense', '10.0.0.0/33', '10.0.0.0/8,nonsense', '10.0.0.0/8/8', '::/129', '10.0.0.1,']],
    ['OWN_EVENTS_PER_HOUR', ['-1', '1.5', 'many', '1000000', '0x10', '1e3']],
    [
      'SECURITY_CONTACT',
      [
        'nobody',
        'http://example.org',
        'mailto:nobody',
        'mailto:a@example.org?x\ny',
        'tel:nobody',
        'javascript:alert(1)',
        'https://user@example.org',
        'a@example.org\nExpires: never',
      ],
    ],
    ['END_SESSIONS_WITH_LAST_ROLE', ['yes', '1', 'TRUE']],
    ['METRICS_PORT', ['nonsense', '-1', '65536', '0x50', '3000', '03000']],
    ['METRICS_TOKEN', ['short', 'with a space in it, long', 'ü'.repeat(30), 'x'.repeat(201)]],
    ['RESENDS_PER_MINUTE', ['-1', '1.5', 'many', '1000000']],
    ['RESENDS_PER_DAY', ['-1', '1.5', 'many', '1000000']],
    ['ORGANISATION_INVITATIONS_PER_DAY', ['-1', '1.5', 'many', '10000001', '99999999']],
    ['CALLER_INVITATIONS_PER_DAY', ['-1', '1.5', 'many', '10000001']],
    ['PREVIEWS_PER_HOUR', ['-1', '1.5', 'many', '100001']],
    ['MAIL_RATE', ['100', '0/5', '100/0', '1001/5', '100/51', '1.5/5', 'fast/5']],
    ['PROCESS', ['Web', 'worker,web', 'none']],
    ['LOG_LEVEL', ['loud', 'INFO']],
  ])('%s', (name, values) => {
    for (const value of values) expect([value, refused({ [name]: value })]).toEqual([value, [name]]);
  });

  it('a name that is one letter away from a setting', () => {
    const load = (env: NodeJS.ProcessEnv) => () => loadConfig(env);
    expect(load({ DATABSE_URL: 'postgres://u:secret@somewhere/db' })).toThrow(
      'DATABSE_URL is no setting: DATABASE_URL was meant',
    );
    expect(load({ MASTER_KEYS: 'secret' })).not.toThrow('secret');
  });

  it('one of ADMIN_EMAIL and ADMIN_PASSWORD without a good value for the other', () => {
    const password = 'correct horse battery';
    expect(refused({ ADMIN_EMAIL: 'root@example.org' })).toEqual(['ADMIN_EMAIL']);
    expect(refused({ ADMIN_PASSWORD: password })).toEqual(['ADMIN_EMAIL']);
    expect(refused({ ADMIN_EMAIL: 'nonsense', ADMIN_PASSWORD: password })).toEqual(['ADMIN_EMAIL']);
    expect(refused({ ADMIN_EMAIL: 'root@example.org', ADMIN_PASSWORD: 'short' })).toEqual(['ADMIN_PASSWORD']);
    expect(refused({ ADMIN_EMAIL: 'root@example.org', ADMIN_PASSWORD: 'x'.repeat(129) })).toEqual(['ADMIN_PASSWORD']);
  });

  it.each(Object.keys(SECRETS))('%s missing in server mode', (name) => {
    expect(problemsOf({ ...SERVER, [name]: '' })).toEqual([`${name} is required when DATABASE_URL is set`]);
  });

  it('and one line names every bad setting, and no value', () => {
    const values = {
      PORT: 'hush-1',
      HOST: 'hush 2',
      PUBLIC_URL: 'hush-3',
      DATABASE_URL: 'hush://4',
      EVENTSTORE_URL: 'hush-5',
      SMTP_URL: 'hush-6',
      MAIL_FROM: 'hush-7',
      ADMIN_EMAIL: 'hush-8',
      ADMIN_PASSWORD: 'hush-9',
      LINK_SECRET: 'hush-10',
      MASTER_KEY: 'hush-11',
      PERSON_SECRET: 'hush-12',
      SESSION_SECRET: 'hush-13',
      TRUSTED_PROXIES: 'hush-14',
      LOG_LEVEL: 'hush-15',
      OWN_EVENTS_PER_HOUR: 'hush-19',
      SMTP_CA_FILE: 'hush-30',
      APP_STORE_URL: 'hush-16',
      PLAY_STORE_URL: 'hush-17',
      APP_LINK: 'hush-18',
      APPLE_APP_IDS: 'hush-36',
      ANDROID_APPS: 'hush-37',
      HSTS_SUBDOMAINS: 'hush-29',
      SECURITY_CONTACT: 'hush-20',
      END_SESSIONS_WITH_LAST_ROLE: 'hush-21',
      METRICS_PORT: 'hush-22',
      METRICS_TOKEN: 'hush-23',
      RESENDS_PER_MINUTE: 'hush-24',
      RESENDS_PER_DAY: 'hush-25',
      ORGANISATION_INVITATIONS_PER_DAY: 'hush-26',
      CALLER_INVITATIONS_PER_DAY: 'hush-27',
      PREVIEWS_PER_HOUR: 'hush-28',
      MAIL_RATE: 'hush-31',
      PROCESS: 'hush-32',
      SESSION_HOURS: 'hush-33',
      SESSION_IDLE_HOURS: 'hush-34',
      MAX_FILE_MB: 'hush-35',
      ORGANISATION_FILES_MB: 'hush-36',
    };
    expect(Object.keys(SETTINGS).filter((name) => !(name in values))).toEqual(['DATA_DIR', 'FILES_DIR']);
    const message = problemsOf(values).join('; ');
    for (const name of Object.keys(values)) expect(message).toContain(`${name} `);
    expect(message).not.toContain('hush');
  });
});

describe('good settings', () => {
  it('are taken as they are', () => {
    const config = loadConfig({
      ...SERVER,
      PORT: ' 8080 ',
      HOST: '::',
      PUBLIC_URL: 'https://example.org/rolecall//',
      SMTP_URL: 'smtps://user:secret@mail.example:465',
      DATA_DIR: folder,
      MAIL_FROM: 'Jürgen <jürgen@köln.example>',
      ADMIN_EMAIL: 'root@köln.example',
      ADMIN_PASSWORD: ' with blanks ',
      METRICS_TOKEN: 'a-token-for-the-numbers',
      LOG_LEVEL: 'debug',
      TRUSTED_PROXIES: '10.0.0.0/8, ::1,fd00::/8,192.168.0.1,loopback',
    });
    expect(config).toMatchObject({
      port: 8080,
      host: '::',
      publicUrl: 'https://example.org/rolecall',
      databaseUrl: SERVER.DATABASE_URL,
      smtpUrl: 'smtps://user:secret@mail.example:465',
      mailFrom: 'Jürgen <jürgen@köln.example>',
      admin: { email: 'root@köln.example', password: ' with blanks ' },
      dataDir: folder,
      logLevel: 'debug',
      trustedProxies: ['10.0.0.0/8', '::1', 'fd00::/8', '192.168.0.1', 'loopback'],
    } satisfies Partial<Config>);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('send mails from the domain of PUBLIC_URL, unless MAIL_FROM is set or PUBLIC_URL names no domain', () => {
    const senderAt = (PUBLIC_URL: string): string => loadConfig({ ...SERVER, PUBLIC_URL }).mailFrom;
    expect(senderAt('https://Invitations.Example.org:8443/rolecall')).toBe(
      'Rolecall <no-reply@invitations.example.org>',
    );
    expect(senderAt('https://köln.example')).toBe('Rolecall <no-reply@xn--kln-sna.example>');
    for (const none of [
      '',
      'http://localhost:3000',
      'https://rolecall',
      'http://10.0.0.1',
      'http://[2001:db8::1]:3000',
    ])
      expect([none, senderAt(none)]).toEqual([none, 'Rolecall <no-reply@rolecall.example>']);
    expect(loadConfig({ ...SERVER, PUBLIC_URL: 'https://example.org', MAIL_FROM: 'ann@example.net' })).toMatchObject({
      mailFrom: 'ann@example.net',
      isMailFromSet: true,
    });
  });

  it("take the mail server's authorities from SMTP_CA_FILE, unless SMTP_URL turns verification off", () => {
    const SMTP_CA_FILE = join(folder, 'authorities.pem');
    const pem = rootCertificates.slice(0, 2).join('\n');
    writeFileSync(SMTP_CA_FILE, pem);
    expect(loadConfig({ ...SERVER, SMTP_URL: 'smtp://mail.example', SMTP_CA_FILE }).smtpAuthorities).toBe(pem);
    expect(loadConfig(SERVER).smtpAuthorities).toBeNull();
    expect(refused({ SMTP_URL: 'smtp://mail.example?tls.rejectUnauthorized=false', SMTP_CA_FILE })).toEqual([
      'SMTP_CA_FILE',
    ]);
    writeFileSync(SMTP_CA_FILE, `${pem}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`);
    expect(refused({ SMTP_CA_FILE })).toEqual(['SMTP_CA_FILE']);
  });

  it('limit mails by MAIL_RATE, or by the rateLimit of SMTP_URL', () => {
    const SMTP_URL = 'smtp://mail.example?rateLimit=20';
    expect(loadConfig({ ...SERVER, MAIL_RATE: '1000/50' }).mailRate).toEqual({ perSecond: 1000, connections: 50 });
    expect(problemsOf({ ...SERVER, SMTP_URL, MAIL_RATE: '100/5' })).toEqual([
      'MAIL_RATE and rateLimit in SMTP_URL contradict each other: set one of them',
    ]);
  });

  it('say which half of the product this process runs, which a worker needs PUBLIC_URL for', () => {
    expect(loadConfig(SERVER).process).toBe('all');
    expect(loadConfig({ ...SERVER, PROCESS: 'web' }).process).toBe('web');
    expect(loadConfig({ ...SERVER, PROCESS: 'worker', PUBLIC_URL: 'https://example.org' }).process).toBe('worker');
    expect(problemsOf({ ...SERVER, PROCESS: 'worker' })).toEqual([
      'PUBLIC_URL is required with PROCESS=worker: links in mails begin with it, and a worker serves none',
    ]);
  });

  it('give the security contact as a URI, also from an e-mail address', () => {
    for (const uri of ['mailto:security@example.org', 'tel:+1-201-555-0123', 'https://example.org/report?lang=en']) {
      expect(loadConfig({ ...SERVER, SECURITY_CONTACT: uri }).securityContact).toBe(uri);
    }
    expect(loadConfig({ ...SERVER, SECURITY_CONTACT: ' security@example.org ' }).securityContact).toBe(
      'mailto:security@example.org',
    );
    expect(loadConfig(SERVER).securityContact).toBeNull();
  });

  it('with several link secrets keep their order, and each secret gives the key it would give alone', () => {
    const other = 'another-link-secret-0123456789-abcdef';
    const keys = (LINK_SECRET: string): string[] =>
      loadConfig({ ...SERVER, LINK_SECRET }).linkSecrets.map((key) => key.toString('hex'));
    expect(keys(`${SECRETS.LINK_SECRET} , ${other}`)).toEqual([...keys(SECRETS.LINK_SECRET), ...keys(other)]);
    expect(keys(other)).toHaveLength(1);
  });

  it('always give the same keys, because other keys could not read links, names and addresses', () => {
    const same = { LINK_SECRET: 'the-same-secret-0123456789-abcdefgh' };
    const config = loadConfig({ ...SERVER, ...same, MASTER_KEY: same.LINK_SECRET, PERSON_SECRET: same.LINK_SECRET });
    expect([...config.linkSecrets, config.masterKey, config.personSecret].map((key) => key.toString('hex'))).toEqual([
      '6a57fcb64f5ea9e9b876febaf8ff2297f5cbea09b2a255ce6d857696533dc2e8',
      '7ec806799c52b16a6adbeb119bc10fef038a163918cd7be2ce78656f1efac995',
      'dd8818f4b6c9c257c83ba50b5cc2ac57ff9f5dcf102c978eb5d4ee64c1eb963d',
    ]);
  });
});

describe('an embedded installation', () => {
  const embedded = (env: Record<string, string> = {}): Config => loadConfig({ DATA_DIR: join(folder, 'data'), ...env });
  const file = (): string => join(folder, 'data', 'secrets.json');

  it('makes its secrets at the first start, readable by its owner alone, and keeps them', () => {
    const first = embedded();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, 'data'))).toEqual(['secrets.json']);
    const stored = JSON.parse(readFileSync(file(), 'utf8')) as Record<string, string>;
    expect(Object.keys(stored)).toEqual(Object.keys(SECRETS));
    expect(new Set(Object.values(stored)).size).toBe(4);
    for (const secret of Object.values(stored)) expect(Buffer.from(secret, 'base64url')).toHaveLength(36);
    expect(embedded()).toEqual(first);
  });

  it.each(['web', 'worker'])('refuses PROCESS=%s, because it is one process', (PROCESS) => {
    const refusal = 'PROCESS goes with DATABASE_URL: one process runs an embedded installation';
    expect(problemsOf({ DATA_DIR: folder, PUBLIC_URL: 'https://example.org', PROCESS })).toEqual([refusal]);
    expect(embedded({ PROCESS: 'all' }).process).toBe('all');
  });

  it('makes other secrets in another folder', () => {
    expect(embedded().masterKey).not.toEqual(loadConfig({ DATA_DIR: join(folder, 'other') }).masterKey);
  });

  it('prefers a secret from the environment and keeps its own in the file', () => {
    const own = embedded();
    const set = embedded({ MASTER_KEY: SECRETS.MASTER_KEY });
    expect(set.masterKey).toEqual(loadConfig(SERVER).masterKey);
    expect(set.personSecret).toEqual(own.personSecret);
    expect(embedded()).toEqual(own);
  });

  it('refuses a damaged or incomplete file and leaves it unchanged, because a new key could read nothing', () => {
    embedded();
    const whole = readFileSync(file(), 'utf8');
    const { MASTER_KEY: _, ...rest } = JSON.parse(whole) as Record<string, string>;
    for (const damaged of [whole.slice(0, 40), '', 'null', '[1]', '{"MASTER_KEY": 5}']) {
      writeFileSync(file(), damaged);
      expect(problemsOf({ DATA_DIR: join(folder, 'data') })).toEqual([
        "secrets.json in DATA_DIR can't be read or made",
      ]);
      expect(readFileSync(file(), 'utf8')).toBe(damaged);
    }
    writeFileSync(file(), JSON.stringify(rest));
    expect(problemsOf({ DATA_DIR: join(folder, 'data') })).toEqual([
      'MASTER_KEY is missing in secrets.json in DATA_DIR: restore that file',
    ]);
  });

  it('reports that its folder cannot be made', () => {
    writeFileSync(join(folder, 'occupied'), '');
    expect(problemsOf({ DATA_DIR: join(folder, 'occupied', 'data') })).toEqual([
      "secrets.json in DATA_DIR can't be read or made",
    ]);
  });
});

describe('a secret from a file', () => {
  /** A good value for each secret setting. */
  const VALUES: Record<(typeof SECRET_SETTINGS)[number], string> = {
    ...SECRETS,
    DATABASE_URL: SERVER.DATABASE_URL,
    EVENTSTORE_URL: 'esdb://user:hush@host:2113',
    SMTP_URL: 'smtp://user:hush@mail.example:587',
    ADMIN_PASSWORD: ' with blanks ',
    METRICS_TOKEN: 'a-token-for-the-numbers',
  };
  const ALL = { ...VALUES, ADMIN_EMAIL: 'root@example.org' };
  const inFile = (content: string): string => {
    const path = join(folder, `file-${String(readdirSync(folder).length)}`);
    writeFileSync(path, content);
    return path;
  };

  it('is possible for every setting that holds a secret', () => {
    expect(
      Object.keys(SETTINGS).filter(
        (name) => /_(?:SECRET|KEY|PASSWORD|TOKEN)$/.test(name) && !SECRET_SETTINGS.some((secret) => secret === name),
      ),
    ).toEqual([]);
    expect(SECRET_SETTINGS.filter((name) => !(name in SETTINGS))).toEqual([]);
  });

  it.each(SECRET_SETTINGS)('%s is read like one from the environment, with any line ending', (name) => {
    const { [name]: value, ...others } = ALL;
    for (const end of ['', '\n', '\r\n'])
      expect([end, loadConfig({ ...others, [`${name}_FILE`]: ` ${inFile(value + end)} ` })]).toEqual([
        end,
        loadConfig(ALL),
      ]);
    expect(loadConfig({ ...ALL, [`${name}_FILE`]: '' })).toEqual(loadConfig(ALL));
    expect(loadConfig({ ...others, [name]: '', [`${name}_FILE`]: inFile(value) })).toEqual(loadConfig(ALL));
  });

  it.each(SECRET_SETTINGS)(
    '%s is refused when it is set twice or its file gives none, and the error quotes nothing of the file',
    (name) => {
      const { [name]: value, ...others } = ALL;
      const secret = 'hush-hush-0123456789-abcdefghijklm';
      expect(problemsOf({ ...ALL, [`${name}_FILE`]: inFile(value) })).toEqual([
        `${name}_FILE and ${name} are both set: set one of them`,
      ]);
      const DATA_DIR = join(folder, 'data');
      for (const [file, why] of [
        [join(folder, secret), "names a file that can't be read (ENOENT)"],
        [folder, "names a file that can't be read (EISDIR)"],
        [inFile(''), 'names an empty file'],
        [inFile(' \n'), 'names an empty file'],
        [inFile(`${secret}\n${secret}\n`), 'names a file of more than one line of text'],
      ]) {
        const problems = problemsOf({ ...others, DATA_DIR, [`${name}_FILE`]: file! });
        expect(problems).toEqual([`${name}_FILE ${why!}`]);
        expect(problems.join()).not.toContain(secret);
      }
      expect(existsSync(DATA_DIR)).toBe(false);
    },
  );

  it('is named in one line with the other bad settings', () => {
    expect(problemsOf({ MASTER_KEY_FILE: join(folder, 'not-there'), SMTP_URL_FILE: inFile('') })).toEqual([
      'SMTP_URL_FILE names an empty file',
      "MASTER_KEY_FILE names a file that can't be read (ENOENT)",
    ]);
  });
});

describe('docs/operations.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const table = /\n\| setting[\s\S]*?\n\n/.exec(text)?.[0] ?? '';
  const rows = cellsOf(table).map(([name, fallback, meaning]) => ({
    name: name!.replaceAll('`', ''),
    fallback: fallback!,
    meaning: meaning!,
  }));

  it('has a row for each setting, in the same order and words', () => {
    expect(Object.fromEntries(rows.map(({ name, meaning }) => [name, meaning]))).toEqual(SETTINGS);
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(SETTINGS));
    expect(text).toContain('\n## Settings\n');
  });

  it('names the real default of each setting, so setting it changes nothing', () => {
    const home = process.cwd();
    process.chdir(folder);
    try {
      const unset = loadConfig({});
      for (const { name, fallback } of rows) {
        const literal = /^`(.+)`$/.exec(fallback)?.[1];
        if (literal !== undefined) expect([name, loadConfig({ [name]: literal })]).toEqual([name, unset]);
      }
      expect(existsSync(join(folder, 'data', 'secrets.json'))).toBe(true);
    } finally {
      process.chdir(home);
    }
    expect(rows.filter(({ fallback }) => fallback.startsWith('`')).map(({ name }) => name)).toEqual([
      'PORT',
      'HOST',
      'DATA_DIR',
      'MAIL_RATE',
      'HSTS_SUBDOMAINS',
      'OWN_EVENTS_PER_HOUR',
      'END_SESSIONS_WITH_LAST_ROLE',
      'SESSION_HOURS',
      'SESSION_IDLE_HOURS',
      'RESENDS_PER_MINUTE',
      'RESENDS_PER_DAY',
      'ORGANISATION_INVITATIONS_PER_DAY',
      'CALLER_INVITATIONS_PER_DAY',
      'PREVIEWS_PER_HOUR',
      'MAX_FILE_MB',
      'ORGANISATION_FILES_MB',
      'PROCESS',
      'LOG_LEVEL',
    ]);
  });

  it('names the settings that a file may hold', () => {
    const sentence = /\nEach of these may be .*?`<name>_FILE`.*?:([^.]*)\./s.exec(text)?.[1] ?? '';
    expect([...sentence.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name)).toEqual([...SECRET_SETTINGS]);
  });

  it('stays short', () => {
    expect(text.split('\n').length).toBeLessThanOrEqual(360);
  });
});
