import base, { LONG, PATIENT_MS } from './jest.config.js';

// Workers inherit the variable, and test/support/engines.ts reads it.
process.env.TEST_ENGINES ??= 'all';

/**
 * `npm run test:long` runs crashes, races and whole processes. The settings in test/README.md make it longer. It has no
 * more workers than cores, because some tests measure times.
 */
export default {
  ...base,
  maxWorkers: 2,
  testTimeout: PATIENT_MS,
  testMatch: LONG.map((folder) => `${folder}**/*.test.ts`),
  testPathIgnorePatterns: ['/node_modules/'],
};
