/** What takes long: crashes, races and whole processes. `npm run test:long`, apart, so that `npm test` stays a matter of minutes. */
export const LONG = ['faults', 'concurrency', 'whole'].map((folder) => `<rootDir>/test/${folder}/`);

export default {
  testEnvironment: 'node',
  // Node loads the tests and the product, once a worker; Jest transforms nothing.
  testRunner: '<rootDir>/test/runner/run-natively.mjs',
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/architecture/fixtures/', ...LONG],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/bench/.build/'],
  globalSetup: '<rootDir>/test/runner/global-setup.mjs',
  // A test that hangs ends; a slow machine is no reason to fail.
  testTimeout: 120_000,
  // On two cores: each waits for a database or a mail a third of the time.
  maxWorkers: 3,
};
