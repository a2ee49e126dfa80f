import base from './jest.config.js';

/** The pages in a real Chromium: `npm run test:pages`. Apart from `npm test`, which needs nothing installed. */
export default { ...base, testMatch: ['<rootDir>/test/browser/**/*.page.ts'] };
