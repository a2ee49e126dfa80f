import { globSync, readFileSync } from 'node:fs';
import base from './jest.config.js';

/** What an operator may have set for a role or a database: what breaks statements unless the product sees to it, and what never did. */
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
// Workers take it over: test/support/engines.ts reads it.
process.env.TEST_ROLE_SETTINGS = Object.entries(ROLE_SETTINGS)
  .map((setting) => setting.join('='))
  .join(';');

/** Others send the same statements: these do so for every role, route, limit and kind of invitation, and would take most of the time. */
const SAME_STATEMENTS = [
  'http/authorisation',
  'http/cookie-routes',
  'http/database-unavailable',
  'http/escalation',
  'http/event-store-access',
  'http/every-route-refuses',
  'http/installation-path',
  'http/kept-answers',
  'http/log-lines',
  'http/no-derived-ids',
  'http/permissions-at-once',
  'http/sign-in',
  'http/unreadable-requests',
  'http/who-sees-what',
  'http/without-a-place',
  'modules/accounts/new-passwords',
  'shared/event-sourcing/retrying',
  'shared/http/pasted-links',
  'modules/invitations/rules/groups',
  'modules/invitations/rules/patients',
  'modules/invitations/rules/staff',
  'modules/invitations/limits/preview-limit',
  'shared/moving/round-trip',
  'modules/invitations/subscriptions/resubscribe',
  'modules/invitations/subscriptions/unsubscribe',
];

/** Suites of `test/http`, `test/shared` and the core modules that the database has a part in, on PostgreSQL alone, under these settings: `npm run test:settings`. */
export default {
  ...base,
  globalSetup: '<rootDir>/test/runner/needs-postgresql.mjs',
  testMatch: globSync('test/{http,shared,modules/{access,accounts,invitations,people}}/**/*.test.ts', {
    cwd: import.meta.dirname,
  })
    .filter((file) => !SAME_STATEMENTS.some((suite) => file === `test/${suite}.test.ts`))
    .filter((file) =>
      /^describeOn(?:Engines|OneEngine)\(/m.test(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')),
    )
    .map((file) => `<rootDir>/${file}`),
};
