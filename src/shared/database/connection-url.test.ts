import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { driverOptions, problemWithConnectionUrl } from './connection-url.js';
import { CertificateAuthority } from '../../../test/support/servers/certificates.js';
import { describeWith } from '../../../test/support/servers/programs.js';

const DATABASE = 'postgres://rolecall:secret@db.example:5433/rolecall';

const withParameters = (parameters: Record<string, string>, base = DATABASE): string =>
  `${base}?${new URLSearchParams(parameters).toString()}`;

describe('a connection URL', () => {
  it('without parameters names server, user, password and database, so that the driver chooses TLS', () => {
    expect(driverOptions(DATABASE)).toEqual({
      host: 'db.example',
      port: 5433,
      user: 'rolecall',
      password: 'secret',
      database: 'rolecall',
    });
  });

  it('without a server and a user lets the driver take them from its PG… variables', () => {
    expect(driverOptions('postgresql:///rolecall')).toEqual({
      host: '',
      port: 0,
      user: '',
      password: '',
      database: 'rolecall',
    });
  });

  it('is decoded in user, password and database', () => {
    expect(driverOptions('postgres://a%40b:p%2F%3F%23%25%40%20%C3%BC@host/d%23%2F%40 b')).toMatchObject({
      user: 'a@b',
      password: 'p/?#%@ ü',
      database: 'd#/@ b',
    });
  });

  it('may name an IPv6 address', () => {
    expect(driverOptions('postgres://[::1]:5433/rolecall')).toMatchObject({ host: '::1', port: 5433 });
  });

  it.each([
    'postgres://u@localhost:5433/rolecall?host=/run/postgresql',
    'postgres://u@:5433/rolecall?host=%2Frun%2Fpostgresql',
    'postgres://u@%2Frun%2Fpostgresql:5433/rolecall',
  ])('may name a socket: %s', (url) => {
    expect(driverOptions(url)).toEqual({
      host: '/run/postgresql',
      port: 5433,
      user: 'u',
      password: '',
      database: 'rolecall',
      ssl: false,
    });
  });

  it.each(['disable', 'prefer', 'require', 'verify-full'])(
    'asks for no TLS over a socket, even with sslmode=%s',
    (sslmode) => {
      expect(driverOptions(withParameters({ sslmode, host: '/run/postgresql' }))).toMatchObject({
        host: '/run/postgresql',
        ssl: false,
      });
    },
  );

  it('passes the application name and options to the server, plus signs included', () => {
    expect(driverOptions(`${DATABASE}?application_name=rolecall+1&options=-c%20geqo%3Doff`)).toMatchObject({
      application_name: 'rolecall+1',
      options: '-c geqo=off',
    });
  });

  it.each([
    ['disable', false],
    ['prefer', { rejectUnauthorized: false }],
    ['require', { rejectUnauthorized: false }],
    ['verify-full', { rejectUnauthorized: true }],
  ])('has for sslmode=%s the meaning that libpq gives it', (sslmode, ssl) => {
    expect(driverOptions(withParameters({ sslmode })).ssl).toEqual(ssl);
  });

  it('may name the address that the certificate is compared with', () => {
    expect(driverOptions('postgres://10.0.0.7/rolecall?sslmode=verify-full').ssl).toEqual({
      rejectUnauthorized: true,
      host: '10.0.0.7',
    });
    expect(driverOptions('postgres://[fd00::7]/rolecall?sslmode=verify-full').ssl).toEqual({
      rejectUnauthorized: true,
      host: 'fd00::7',
    });
  });
});

describe('the refusal of a connection URL names the parameter and no value, for', () => {
  it.each([
    [
      'sslmode=allow',
      'has an sslmode that is not known here: use one of disable, prefer, require, verify-ca, verify-full',
    ],
    [
      'sslmode=no-verify',
      'has an sslmode that is not known here: use one of disable, prefer, require, verify-ca, verify-full',
    ],
    ['sslmode=', 'has an empty parameter: sslmode'],
    ['sslrootcert=/hush', 'has sslrootcert without sslmode: add sslmode=verify-full'],
    ['sslcert=/hush&sslkey=/hush', 'has sslcert without sslmode: add sslmode=verify-full'],
    ['sslmode=verify-ca', 'has sslmode=verify-ca without sslrootcert: name the file of the authority'],
    ['sslmode=verify-full&sslrootcert=/hush', "has an sslrootcert that can't be read (ENOENT)"],
    [
      'sslmode=verify-full&sslrootcert=system',
      'has sslrootcert=system: leave it out, and verify-full trusts the authorities that Node.js knows',
    ],
    ['sslmode=verify-full&sslcert=/hush', 'has sslcert or sslkey alone: they go together'],
    ['ssl=true', 'has a parameter that is not known here: ssl'],
    ['schema=hush', 'has a parameter that is not known here: schema'],
    ['uselibpqcompat=true', 'has a parameter that is not known here: uselibpqcompat'],
    ['sslnegotiation=direct', 'has a parameter that is not known here: sslnegotiation'],
    ['password=hush', 'has a parameter that is not known here: password'],
    ['connect_timeout=-1', 'has a connect_timeout that is no whole number of seconds'],
    ['connect_timeout=hush', 'has a connect_timeout that is no whole number of seconds'],
    ['host=hush', "has a parameter host that names no socket's folder: write a host's name before the database's"],
  ])('%s', (parameters, problem) => {
    expect(problemWithConnectionUrl(`${DATABASE}?${parameters}`)).toBe(problem);
  });

  it.each([
    ['nonsense', 'must look like postgres://user@host:5432/database'],
    ['mysql://host/hush', 'must look like postgres://user@host:5432/database'],
    ['postgres:hush', 'must look like postgres://user@host:5432/database'],
    [
      'postgres://user@/hush',
      'must look like postgres://user@host:5432/database, with special characters of the password percent-encoded',
    ],
    [
      'postgres://user:hu/sh@host/database',
      'must look like postgres://user@host:5432/database, with special characters of the password percent-encoded',
    ],
    ['postgres://user:100%hush@host/database', 'has a percent sign that begins no character: write it as %25'],
    ['postgres://user:%ff@host/hush', 'has a percent sign that begins no character: write it as %25'],
    [
      'postgres://user:12#hush@host/database',
      'has an unencoded special character: write # as %23, ? as %3F and @ as %40',
    ],
    [
      'postgres://user:12?hush@host/database',
      'has an unencoded special character: write # as %23, ? as %3F and @ as %40',
    ],
    ['postgres://one,hush/database', 'names several hosts: name one'],
    ['postgres://user:hush@host', 'names no database: add it behind the host, like /rolecall'],
    ['postgres://user:hush@host/', 'names no database: add it behind the host, like /rolecall'],
  ])('%s', (url, problem) => {
    expect(problemWithConnectionUrl(url)).toBe(problem);
  });
});

describeWith(['openssl'], 'the files that a connection URL names', () => {
  let folder: string;
  let certificateAuthority: CertificateAuthority;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rolecall-url-'));
    certificateAuthority = await CertificateAuthority.make('An authority');
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await certificateAuthority.remove();
  });

  const file = (name: string, text: string, mode = 0o600): string => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
    return join(folder, name);
  };

  it.each(['require', 'verify-ca'])('name an authority, and sslmode=%s compares no host name then', (sslmode) => {
    const { ssl } = driverOptions(withParameters({ sslmode, sslrootcert: certificateAuthority.certFile }));
    expect(ssl).toEqual({
      ca: certificateAuthority.cert,
      rejectUnauthorized: true,
      checkServerIdentity: expect.any(Function),
    });
  });

  it('are refused if they hold no certificate', () => {
    const nothing = file('nothing.pem', 'hush');
    expect(problemWithConnectionUrl(withParameters({ sslmode: 'verify-full', sslrootcert: nothing }))).toBe(
      'has an sslrootcert without a certificate in PEM',
    );
    expect(
      problemWithConnectionUrl(withParameters({ sslmode: 'verify-full', sslcert: nothing, sslkey: nothing })),
    ).toBe('has an sslcert without a certificate in PEM');
  });

  it("are refused if they do not hold the certificate's key", async () => {
    const [one, other] = [
      await certificateAuthority.clientCertificate('one'),
      await certificateAuthority.clientCertificate('other'),
    ];
    expect(
      problemWithConnectionUrl(withParameters({ sslmode: 'require', sslcert: one.certFile, sslkey: one.keyFile })),
    ).toBeNull();
    expect(
      problemWithConnectionUrl(withParameters({ sslmode: 'require', sslcert: one.certFile, sslkey: other.keyFile })),
    ).toMatch(/^has an sslkey that doesn't belong to its sslcert, or is encrypted \(ERR_/);
  });

  it.each([
    ['600', true],
    ['400', true],
    ['640', userInfo().uid === 0],
    ['604', false],
    ['660', false],
    ['644', false],
  ])('hold a key that is accepted with mode %s: %s', async (mode, isTaken) => {
    const { certFile, key } = await certificateAuthority.clientCertificate('one');
    const url = withParameters({
      sslmode: 'require',
      sslcert: certFile,
      sslkey: file(`key-${mode}`, key, parseInt(mode, 8)),
    });
    expect(problemWithConnectionUrl(url)).toBe(
      isTaken ? null : 'has an sslkey that others may read: chmod 600 that file',
    );
  });

  it("hold a key that is refused if an ordinary user's group may read it", async () => {
    const { certFile, key } = await certificateAuthority.clientCertificate('one');
    const path = file('key-of-a-user', key, 0o640);
    if (userInfo().uid === 0) chownSync(path, 65534, 65534);
    expect(problemWithConnectionUrl(withParameters({ sslmode: 'require', sslcert: certFile, sslkey: path }))).toBe(
      'has an sslkey that others may read: chmod 600 that file',
    );
  });
});
