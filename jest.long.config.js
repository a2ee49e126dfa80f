import base, { LONG, PATIENT_MS } from './jest.config.js';

/** Crashes, races and whole processes: `npm run test:long`. Made as long as wanted by the settings in test/README.md. Some measure: no more workers than cores. */
export default {
  ...base,
  maxWorkers: 2,
  testTimeout: PATIENT_MS,
  testMatch: LONG.map((folder) => `${folder}**/*.test.ts`),
  testPathIgnorePatterns: ['/node_modules/'],
};
