import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { DatabaseUnavailable, meaningOf } from './failures.js';

/**
 * Makes the drivers of a dialect throw `DatabaseUnavailable` where their error means that. No caller has to know a
 * driver's codes and messages.
 */
export function explainFailures<Some extends Dialect>(dialect: Some): Some {
  const createDriver = dialect.createDriver.bind(dialect);
  dialect.createDriver = () => explaining(createDriver());
  return dialect;
}

/** PGlite's driver ends a transaction without a statement, so these methods fail on their own. */
const BOUNDS = ['beginTransaction', 'commitTransaction', 'rollbackTransaction'] as const;

function explaining(driver: Driver): Driver {
  const acquireConnection = driver.acquireConnection.bind(driver);
  const known = new WeakSet<DatabaseConnection>();
  driver.acquireConnection = async (options) => {
    const connection = await acquireConnection(options).catch(neverReached);
    if (!known.has(connection)) explainStatements(connection);
    known.add(connection);
    return connection;
  };
  for (const bound of BOUNDS) {
    const real = driver[bound].bind(driver) as (...given: unknown[]) => Promise<void>;
    driver[bound] = async (...given: unknown[]) => real(...given).catch(explain);
  }
  return driver;
}

function explainStatements(connection: DatabaseConnection): void {
  const executeQuery = connection.executeQuery.bind(connection);
  connection.executeQuery = async (query, options) => executeQuery<never>(query, options).catch(explain);
}

function explain(error: unknown): never {
  throw meaningOf(error);
}

/** Without a connection there is no response, so every error here means that the database is unavailable. */
function neverReached(error: unknown): never {
  throw error instanceof DatabaseUnavailable
    ? error
    : new DatabaseUnavailable((error as NodeJS.ErrnoException).code ?? 'connection-lost');
}
