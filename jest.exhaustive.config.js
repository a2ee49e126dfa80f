import base, { EXHAUSTIVE, PATIENT_MS } from './jest.config.js';

/** `npm run test:exhaustive` tries every route, page, role and moment of a race, which takes minutes. */
export default {
  ...base,
  testTimeout: PATIENT_MS,
  testMatch: ['<rootDir>/{src,test}/**/*.exhaustive.{test,page}.ts'],
  testPathIgnorePatterns: base.testPathIgnorePatterns.filter((pattern) => pattern !== EXHAUSTIVE),
};
