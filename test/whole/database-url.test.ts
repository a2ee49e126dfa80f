import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ProductBuild, ProductProcess } from '../support/product-process.js';
import { CertificateAuthority } from '../support/servers/certificates.js';
import { PostgresCluster } from '../support/servers/postgres-cluster.js';
import { describeWith } from '../support/servers/programs.js';
import { ADMIN, SECRETS } from '../support/test-server.js';

const PASSWORD = 'hush-hush';
const SETTINGS = { PATH: process.env.PATH!, ...SECRETS, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };

/**
 * The server accepts TLS alone. Without a parameter in the URL, only NODE_EXTRA_CA_CERTS can name the authority of its
 * certificate.
 */
describeWith(['postgres', 'openssl'], 'npm start and npm run transfer on a PostgreSQL that demands TLS', () => {
  let cluster: PostgresCluster;
  let certificateAuthority: CertificateAuthority;
  let build: ProductBuild;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rolecall-database-url-'));
    [certificateAuthority, build] = await Promise.all([CertificateAuthority.make('An authority'), ProductBuild.make()]);
    cluster = await PostgresCluster.start({
      certificate: await certificateAuthority.certificateFor(['DNS:localhost']),
      hba: ['hostssl all all all scram-sha-256'],
    });
    await cluster.sql(`create role rolecall login password '${PASSWORD}'`);
    await cluster.sql('create database rolecall owner rolecall');
  });
  afterAll(async () => {
    await cluster.remove();
    await certificateAuthority.remove();
    rmSync(folder, { recursive: true });
  });

  const url = (parameters: Record<string, string>, database = 'rolecall', user = `rolecall:${PASSWORD}`): string =>
    cluster.url(database, `${user}@localhost`, parameters);

  /** Runs a program to its end. */
  async function ended(
    program: 'main.js' | 'events.js',
    args: readonly string[],
    settings: Record<string, string>,
  ): Promise<{ code: number; said: string }> {
    const child = spawn(process.execPath, [join(dirname(build.main), program), ...args], {
      env: { ...SETTINGS, PORT: '0', LOG_LEVEL: 'warn', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect(out + err).not.toContain(PASSWORD);
    return { code: code as number, said: out + err };
  }

  it('end with one sentence when the database does not exist', async () => {
    const settings = { DATABASE_URL: url({ sslmode: 'require' }, 'rolecal') };
    const sentence =
      'DATABASE_URL: this database does not exist on the server. Correct its name, or create it: it is never made by itself (3D000)\n';
    const [start, move] = await Promise.all([
      ended('main.js', [], settings),
      ended('events.js', ['export', join(folder, 'never')], settings),
    ]);
    expect(start).toEqual({ code: 1, said: `Rolecall can't start: ${sentence}` });
    expect(move).toEqual({ code: 1, said: `It didn't work: ${sentence}` });
  });

  it('work by TLS alone: sslmode=verify-full and NODE_EXTRA_CA_CERTS for the product, PGSSLMODE for an export', async () => {
    const trusted = { NODE_EXTRA_CA_CERTS: certificateAuthority.certFile };
    const product = await ProductProcess.start(build, {
      ...SETTINGS,
      ...trusted,
      DATABASE_URL: url({ sslmode: 'verify-full' }),
    });
    const seen = await cluster.sql(
      "select count(*) > 0, bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid) where datname = 'rolecall'",
    );
    await product.stop();
    expect(seen).toBe('t|t');
    const { code, said } = await ended('events.js', ['export', join(folder, 'export')], {
      ...trusted,
      DATABASE_URL: url({}),
      PGSSLMODE: 'require',
    });
    expect([code, said]).toEqual([0, expect.stringContaining('exported ')]);
  });
});
