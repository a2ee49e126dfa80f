import base, { EXHAUSTIVE, PATIENT_MS } from './jest.config.js';

/**
 * `npm run test:pages` tests the pages in a real Chromium. `npm test` leaves them out, because it must run without
 * installed programs.
 */
export default {
  ...base,
  maxWorkers: 2,
  testTimeout: PATIENT_MS,
  testMatch: ['<rootDir>/test/browser/**/*.page.ts'],
  testPathIgnorePatterns: ['/node_modules/', EXHAUSTIVE],
};
