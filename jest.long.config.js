import base, { LONG } from './jest.config.js';

/** Crashes, races and whole processes: `npm run test:long`. Made as long as wanted by the settings in test/README.md. */
export default { ...base, testMatch: LONG.map((folder) => `${folder}**/*.test.ts`), testPathIgnorePatterns: ['/node_modules/'] };
