/** For suites that start and kill whole processes, or a browser: most of their tests say their own limit. */
export const PATIENT_MS = 120_000;

/** What takes long: crashes, races and whole processes. `npm run test:long`, apart, so that `npm test` stays a matter of minutes. */
export const LONG = ['faults', 'concurrency', 'whole'].map((folder) => `<rootDir>/test/${folder}/`);

export default {
  testEnvironment: 'node',
  // Node loads the tests and the product, once a worker; Jest transforms nothing.
  testRunner: '<rootDir>/test/runner/run-natively.mjs',
  transform: {},
  // What one pure file says is tested beside it, everything else in test.
  testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/architecture/fixtures/', ...LONG],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/bench/.build/'],
  globalSetup: '<rootDir>/test/runner/global-setup.mjs',
  globalTeardown: '<rootDir>/test/runner/global-teardown.mjs',
  // A test that hangs ends soon. None takes half of this on a quiet machine: what would is split. Machines of a CI may be three times slower.
  testTimeout: process.env.CI ? 60_000 : 20_000,
  // On two cores: each waits for a database or a mail a third of the time.
  maxWorkers: 3,
};
