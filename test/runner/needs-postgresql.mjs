import globalSetup from './global-setup.mjs';

/** Both runs need a PostgreSQL server: EventStoreDB needs one beside it, and roles with settings exist only there. */
export default async function needsPostgresql() {
  if (process.env.TEST_DATABASE_URL) return globalSetup();
  process.stderr.write(
    'this run needs TEST_DATABASE_URL: the address of a PostgreSQL server on which databases may be created.\n',
  );
  process.exit(1);
}
