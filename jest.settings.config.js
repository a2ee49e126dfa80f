import { existsSync, globSync, readFileSync } from 'node:fs';
import base, { EXHAUSTIVE } from './jest.config.js';

/**
 * Settings that an operator may have made for a role or a database. Some break statements unless the product overrides
 * them. The others never did.
 */
const ROLE_SETTINGS = {
  datestyle: 'German',
  default_transaction_isolation: 'serializable',
  extra_float_digits: '-15',
  search_path: 'nowhere',
  bytea_output: 'escape',
  client_encoding: 'LATIN1',
  default_transaction_deferrable: 'on',
  intervalstyle: 'iso_8601',
  row_security: 'off',
  standard_conforming_strings: 'off',
  synchronous_commit: 'off',
  timezone: 'Asia/Kolkata',
  idle_in_transaction_session_timeout: '1s',
  idle_session_timeout: '1s',
  lock_timeout: '10s',
  statement_timeout: '10s',
};
// Workers inherit the variable, and test/support/engines.ts reads it.
process.env.TEST_ROLE_SETTINGS = Object.entries(ROLE_SETTINGS)
  .map((setting) => setting.join('='))
  .join(';');

/**
 * Suites to leave out, because others send the same statements. These repeat them for every role, route, limit and kind
 * of invitation, and would take most of the time.
 */
const SAME_STATEMENTS = [
  'http/authorisation',
  'http/cookie-routes',
  'http/database-unavailable.exhaustive',
  'http/escalation',
  'http/event-store-access',
  'http/every-route-refuses.exhaustive',
  'http/installation-path',
  'http/kept-answers.exhaustive',
  'http/log-lines',
  'http/no-derived-ids.exhaustive',
  'http/permissions-at-once.exhaustive',
  'http/sign-in',
  'http/unreadable-requests',
  'http/who-sees-what.exhaustive',
  'http/without-a-place',
  'modules/accounts/new-passwords',
  'shared/event-sourcing/retrying',
  'shared/http/pasted-links',
  'modules/invitations/rules/groups.exhaustive',
  'modules/invitations/rules/patients.exhaustive',
  'modules/invitations/rules/staff',
  'modules/invitations/limits/preview-limit',
  'shared/transfer/round-trip',
  'modules/invitations/subscriptions/resubscribe',
  'modules/invitations/subscriptions/unsubscribe',
];

const missing = SAME_STATEMENTS.filter((suite) => !existsSync(`${import.meta.dirname}/test/${suite}.test.ts`));
if (missing.length > 0)
  throw new Error(`jest.settings.config.js leaves out suites that there aren't: ${missing.join(', ')}`);

/**
 * `npm run test:settings` runs the suites of `test/http`, `test/shared` and the core modules that use the database.
 * They run on PostgreSQL alone, under these settings.
 */
export default {
  ...base,
  globalSetup: '<rootDir>/test/runner/needs-postgresql.mjs',
  testPathIgnorePatterns: base.testPathIgnorePatterns.filter((pattern) => pattern !== EXHAUSTIVE),
  testMatch: globSync('test/{http,shared,modules/{access,accounts,invitations,people}}/**/*.test.ts', {
    cwd: import.meta.dirname,
  })
    .filter((file) => !SAME_STATEMENTS.some((suite) => file === `test/${suite}.test.ts`))
    .filter((file) =>
      /^describeOn(?:EveryEngine|Engines|OneEngine)\(/m.test(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')),
    )
    .map((file) => `<rootDir>/${file}`),
};
