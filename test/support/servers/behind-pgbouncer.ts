import { postgresAt, type Engine } from '../engines.js';
import { PgBouncer, type PgBouncerOptions } from './pgbouncer.js';
import { describeWith, skipSuite } from './programs.js';

/** The PgBouncer of one suite, in front of the server that TEST_DATABASE_URL names. */
export interface BehindPgBouncer {
  server: string;
  /** An engine whose databases are reached through PgBouncer. */
  engine: Engine;
  /** Restarts PgBouncer, so that it opens new sessions at the server. */
  restart(): Promise<void>;
}

/** Runs the suite behind Debian's PgBouncer in transaction mode. It is skipped, with a line, if a program is missing. */
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
    // This runs after the hooks of the suite, because they close connections through PgBouncer.
    afterAll(async () => {
      await bouncer.stop();
    });
  });
}
