/**
 * The time limit of suites that start and kill whole processes, or a browser. Most of their tests set their own limit.
 */
export const PATIENT_MS = 120_000;

/**
 * The folders of long tests: crashes, races and whole processes. `npm run test:long` runs them, so that `npm test`
 * takes only minutes.
 */
export const LONG = ['faults', 'concurrency', 'whole'].map((folder) => `<rootDir>/test/${folder}/`);

/** Suites that try every route, page, role or moment of a race. `npm run test:exhaustive` runs them. */
export const EXHAUSTIVE = '\\.exhaustive\\.(?:test|page)\\.ts$';

export default {
  testEnvironment: 'node',
  // Node loads the tests and the product once for each worker. Jest transforms nothing.
  testRunner: '<rootDir>/test/runner/run-natively.mjs',
  transform: {},
  // A test of one pure file stands beside that file. All other tests are in test.
  testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/architecture/fixtures/', EXHAUSTIVE, ...LONG],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/bench/.build/'],
  globalSetup: '<rootDir>/test/runner/global-setup.mjs',
  globalTeardown: '<rootDir>/test/runner/global-teardown.mjs',
  // A test that hangs ends soon. On an idle machine no test takes half of this time. Machines of a CI may be three
  // times slower.
  testTimeout: process.env.CI ? 60_000 : 20_000,
  // Three workers keep two cores busy, because each waits for a database or a mail a third of the time.
  maxWorkers: 3,
};
