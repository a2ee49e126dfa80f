import globalSetup from './global-setup.mjs';

/** Events on EventStoreDB and settings of roles go with PostgreSQL: without a server no test could say anything. */
export default async function needsPostgresql() {
  if (process.env.TEST_DATABASE_URL) return globalSetup();
  process.stderr.write(
    'this run needs TEST_DATABASE_URL: the address of a PostgreSQL server on which databases may be created.\n',
  );
  process.exit(1);
}
