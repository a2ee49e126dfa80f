import { Socket } from 'node:net';
import { Database } from '../../../src/shared/database/database.js';
import { NO_ENTITIES, postgresAt } from '../../support/engines.js';
import { CertificateAuthority } from '../../support/servers/certificates.js';
import { PostgresCluster } from '../../support/servers/postgres-cluster.js';
import { describeWith } from '../../support/servers/programs.js';
import { startTestServer } from '../../support/test-server.js';

const WARNING =
  'DATABASE_URL reaches another host without TLS: add sslmode=verify-full, or sslmode=disable where the network is trusted';

describeWith(['postgres', 'openssl'], 'a PostgreSQL on another host', () => {
  let cluster: PostgresCluster;
  let certificateAuthority: CertificateAuthority;
  /** The method by which a socket asks the operating system for its other end. */
  const sockets = Socket.prototype as unknown as { _getpeername: () => object };
  const here = sockets._getpeername;
  beforeAll(async () => {
    certificateAuthority = await CertificateAuthority.make('An authority');
    cluster = await PostgresCluster.start({
      certificate: await certificateAuthority.certificateFor(['DNS:localhost']),
    });
    // The cluster listens on this machine alone, so its sockets claim another address here.
    sockets._getpeername = () => ({ address: '10.0.0.7', family: 'IPv4', port: cluster.port });
  });
  afterAll(async () => {
    sockets._getpeername = here;
    await cluster.remove();
    await certificateAuthority.remove();
  });

  it.each([
    ['nothing', {}, true],
    ['disable', { sslmode: 'disable' }, false],
    ['require', { sslmode: 'require' }, false],
  ])('is reported as exposed only without an sslmode: %s', async (_, parameters, isExposed) => {
    const database = await Database.open({
      url: cluster.url('postgres', 'postgres@localhost', parameters),
      entities: NO_ENTITIES,
      migrations: [],
    });
    await database.close();
    expect(database.exposed).toBe(isExposed);
  });

  it('causes a warning at the start', async () => {
    const server = await startTestServer(postgresAt(cluster.url()));
    await server.close();
    expect(
      server.logs
        .map((line) => JSON.parse(line) as { level: string; msg: string })
        .filter(({ msg }) => msg.includes('DATABASE_URL')),
    ).toEqual([expect.objectContaining({ level: 'warn', msg: WARNING })]);
  });
});
