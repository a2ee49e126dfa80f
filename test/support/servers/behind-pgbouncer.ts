import { postgresAt, type Engine } from '../engines.js';
import { PgBouncer, type PgBouncerOptions } from './pgbouncer.js';
import { describeWith, skipSuite } from './programs.js';

/** A suite's own PgBouncer, in front of the server that TEST_DATABASE_URL names. */
export interface BehindPgBouncer {
  server: string;
  /** Databases on that server, reached through it. */
  engine: Engine;
  /** Has it open its sessions at the server anew. */
  restart(): Promise<void>;
}

/** Runs the suite behind Debian's PgBouncer, in transaction mode; without a server or PgBouncer it is skipped, and a line says why. */
export function describeBehindPgBouncer(
  name: string,
  suite: (behind: BehindPgBouncer) => void,
  options: Omit<PgBouncerOptions, 'server'> = {},
): void {
  const server = process.env.TEST_DATABASE_URL;
  if (server === undefined) {
    skipSuite(name, 'TEST_DATABASE_URL is not set', () => {
      suite({ server: '', engine: postgresAt(''), restart: async () => Promise.resolve() });
    });
    return;
  }
  describeWith(['pgbouncer'], name, () => {
    let bouncer: PgBouncer;
    beforeAll(async () => {
      bouncer = await PgBouncer.start({ server, ...options });
    });
    suite({
      server,
      engine: postgresAt(server, { through: (url) => bouncer.urlOf(url) }),
      restart: async () => bouncer.restart(),
    });
    // After the suite's own: what is closed there still reaches its database.
    afterAll(async () => {
      await bouncer.stop();
    });
  });
}
