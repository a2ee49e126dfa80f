import base, { EXHAUSTIVE, LONG, PATIENT_MS } from './jest.config.js';

// Workers inherit the variable, and test/support/engines.ts reads it.
process.env.TEST_EVENTS = 'eventstoredb';

/**
 * `npm run test:eventstoredb` runs the tests over HTTP and on the log, with events on the EventStoreDB fake and the
 * rest on PostgreSQL.
 */
export default {
  ...base,
  testTimeout: PATIENT_MS,
  globalSetup: '<rootDir>/test/runner/needs-postgresql.mjs',
  testMatch: ['http', 'modules', 'shared', 'concurrency', 'faults'].map(
    (folder) => `<rootDir>/test/${folder}/**/*.test.ts`,
  ),
  testPathIgnorePatterns: [
    ...base.testPathIgnorePatterns.filter((pattern) => ![EXHAUSTIVE, ...LONG].includes(pattern)),
    '/postgres-event-store\\.test',
  ],
};
