import base, { PATIENT_MS } from './jest.config.js';

/** The pages in a real Chromium: `npm run test:pages`. Apart from `npm test`, which needs nothing installed. */
export default {
  ...base,
  maxWorkers: 2,
  testTimeout: PATIENT_MS,
  testMatch: ['<rootDir>/test/browser/**/*.page.ts'],
};
