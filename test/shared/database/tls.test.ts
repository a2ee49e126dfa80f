import { sql } from 'kysely';
import { Database } from '../../../src/shared/database/database.js';
import { NO_ENTITIES } from '../../support/engines.js';
import { CertificateAuthority, type Certificate } from '../../support/servers/certificates.js';
import { PostgresCluster, type ClusterOptions } from '../../support/servers/postgres-cluster.js';
import { describeWith } from '../../support/servers/programs.js';

const UNTRUSTED = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
const TLS_ALONE = ['hostssl all all all trust'];

/** What the server says of the connection that asks. */
interface Seen {
  ssl: boolean | null;
  client: string | null;
  application: string;
  geqo: string;
}

async function connect<Result>(url: string, work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = await Database.open({ url, entities: NO_ENTITIES, migrations: [] });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** What the server says of a connection to this URL. */
async function seen(url: string): Promise<Seen> {
  return connect(url, async (database) => {
    const { rows } =
      await sql<Seen>`select ssl, client_dn as client, current_setting('application_name') as application, current_setting('geqo') as geqo
      from pg_stat_ssl where pid = pg_backend_pid()`.execute(database.kysely());
    return rows[0]!;
  });
}

/** The code with which the start of a product would end. */
async function refusal(url: string): Promise<string> {
  return connect(url, async () => Promise.resolve('connected')).catch(
    (error: unknown) => (error as { code: string }).code,
  );
}

describeWith(['postgres', 'openssl'], 'TLS to PostgreSQL', () => {
  let cluster: PostgresCluster;
  let certificateAuthority: CertificateAuthority;
  let other: CertificateAuthority;
  beforeAll(async () => {
    [certificateAuthority, other] = [
      await CertificateAuthority.make('The right authority'),
      await CertificateAuthority.make('Another authority'),
    ];
    cluster = await PostgresCluster.start();
  });
  afterAll(async () => {
    await cluster.remove();
    await Promise.all([certificateAuthority.remove(), other.remove()]);
  });

  const at = (host: string, parameters: Record<string, string>): string =>
    cluster.url('postgres', `postgres@${host}`, parameters);
  const full = (authorityFile = certificateAuthority.certFile): Record<string, string> => ({
    sslmode: 'verify-full',
    sslrootcert: authorityFile,
  });
  const serve = async (names: readonly string[], options: Partial<ClusterOptions> = {}): Promise<void> =>
    cluster.restart({ certificate: await certificateAuthority.certificateFor(names), hba: TLS_ALONE, ...options });

  describe('with a certificate for localhost, where pg_hba.conf takes TLS alone', () => {
    beforeAll(async () => serve(['DNS:localhost']));

    it.each(['prefer', 'require', 'verify-full'])('is used with sslmode=%s', async (sslmode) => {
      expect(await seen(at('localhost', { ...full(), sslmode }))).toMatchObject({ ssl: true });
    });

    it('is refused when the certificate is of another authority', async () => {
      expect(await refusal(at('localhost', full(other.certFile)))).toBe(UNTRUSTED);
    });

    it.each(['require', 'verify-ca'])(
      'is refused then with sslmode=%s too, although that compares no names',
      async (sslmode) => {
        expect(await refusal(at('127.0.0.1', { sslmode, sslrootcert: other.certFile }))).toBe(UNTRUSTED);
        expect(await seen(at('127.0.0.1', { sslmode, sslrootcert: certificateAuthority.certFile }))).toMatchObject({
          ssl: true,
        });
      },
    );

    it('is refused by verify-full when no authority is named and Node knows none that signed the certificate', async () => {
      expect(await refusal(at('localhost', { sslmode: 'verify-full' }))).toBe(UNTRUSTED);
    });

    it('is refused for an address, which the certificate does not name', async () => {
      expect(await refusal(at('127.0.0.1', full()))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    });

    it('is demanded by the server, so that plain connections are refused', async () => {
      expect(await refusal(at('localhost', { sslmode: 'disable' }))).toBe('28000');
      expect(await refusal(at('localhost', {}))).toBe('28000');
    });
  });

  it('is refused when the certificate is for another name', async () => {
    await serve(['DNS:db.example']);
    expect(await refusal(at('localhost', full()))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('is used for an address that the certificate names', async () => {
    await serve(['IP:127.0.0.1']);
    expect(await seen(at('127.0.0.1', full()))).toMatchObject({ ssl: true });
    expect(await refusal(at('localhost', full()))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  describe("where pg_hba.conf wants a client's certificate", () => {
    let client: Certificate;
    beforeAll(async () => {
      client = await certificateAuthority.clientCertificate('postgres');
      await serve(['DNS:localhost'], { hba: ['hostssl all all all cert'], clientAuthority: certificateAuthority.cert });
    });
    const as = ({ certFile, keyFile }: Certificate): Record<string, string> => ({
      ...full(),
      sslcert: certFile,
      sslkey: keyFile,
    });

    it('signs in by sslcert and sslkey', async () => {
      expect(await seen(at('localhost', as(client)))).toMatchObject({ ssl: true, client: '/CN=postgres' });
    });

    it("is refused without one, with another user's, or with another authority's", async () => {
      expect(await refusal(at('localhost', full()))).toBe('28000');
      expect(await refusal(at('localhost', as(await certificateAuthority.clientCertificate('somebody'))))).toBe(
        '28000',
      );
      expect(await refusal(at('localhost', as(await other.clientCertificate('postgres'))))).toMatch(
        /^ERR_SSL_.*UNKNOWN_CA|^28000$/,
      );
    });
  });

  describe('where the server has no certificate', () => {
    beforeAll(async () => cluster.restart());

    it('is not used with sslmode=prefer', async () => {
      expect(await seen(at('localhost', { sslmode: 'prefer' }))).toMatchObject({ ssl: false });
    });

    it.each(['require', 'verify-full'])('is refused with sslmode=%s', async (sslmode) => {
      expect(await refusal(at('localhost', { sslmode }))).toBe('no-tls');
    });
  });

  describe('over a socket', () => {
    it.each(['disable', 'prefer', 'require', 'verify-full'])('is not used with sslmode=%s', async (sslmode) => {
      expect(await seen(at('localhost', { sslmode, host: cluster.socket }))).toMatchObject({ ssl: false });
    });
  });

  it('works with options, a name of the application and a password', async () => {
    await cluster.sql("create role somebody login password 'p@ss/word%'");
    await cluster.sql('create database theirs owner somebody');
    await serve(['DNS:localhost'], { hba: ['hostssl all all all scram-sha-256'] });
    for (const sslmode of ['prefer', 'verify-full']) {
      const url = cluster.url('theirs', 'somebody:p%40ss%2Fword%25@localhost', {
        ...full(),
        sslmode,
        application_name: 'rolecall+1',
        options: '-c geqo=off',
        connect_timeout: '10',
      });
      expect(await seen(url)).toMatchObject({ ssl: true, application: 'rolecall+1', geqo: 'off' });
    }
  });

  it('limits only connecting by connect_timeout, so that a statement may wait longer for a free connection', async () => {
    await cluster.restart();
    const database = await Database.open({
      url: at('localhost', { connect_timeout: '1' }),
      entities: NO_ENTITIES,
      migrations: [],
      poolSize: 1,
    });
    // The one connection is busy for longer than connect_timeout.
    const statements = [sql`select pg_sleep(1.2)`, sql`select pg_sleep(1.2)`, sql`select 'waited' as it`].map(
      async (statement) => statement.execute(database.kysely()),
    );
    const [, , waited] = await Promise.all(statements);
    await database.close();
    expect(waited!.rows).toEqual([{ it: 'waited' }]);
  });
});
