import { ACCESS_PROBLEMS } from '../modules/access/access.problems.js';
import { ACCOUNTS_PROBLEMS } from '../modules/accounts/accounts.problems.js';
import { GROUPS_PROBLEMS } from '../modules/groups/groups.problems.js';
import { INVITATIONS_PROBLEMS } from '../modules/invitations/invitations.problems.js';
import { OPERATIONS_PROBLEMS } from '../modules/operations/operations.problems.js';
import { PATIENTS_PROBLEMS } from '../modules/patients/patients.problems.js';
import { REVERTS_PROBLEMS } from '../modules/reverts/reverts.problems.js';
import { ROLES_PROBLEMS } from '../modules/roles/roles.problems.js';
import { ProblemCatalogue } from '../shared/problems/problem-catalogue.js';
import { SHARED_PROBLEMS, type ProblemCode } from '../shared/problems/problem-codes.js';

/** Each module registers here the codes that it declares in its `<module>.problems.ts`. */
const LISTS = [
  SHARED_PROBLEMS,
  ACCESS_PROBLEMS,
  ACCOUNTS_PROBLEMS,
  INVITATIONS_PROBLEMS,
  PATIENTS_PROBLEMS,
  GROUPS_PROBLEMS,
  ROLES_PROBLEMS,
  OPERATIONS_PROBLEMS,
  REVERTS_PROBLEMS,
] as const;

type CodesOf<List> = List extends unknown ? keyof List : never;

declare module '../shared/problems/problem-codes.js' {
  interface RegisteredCodes {
    application: CodesOf<(typeof LISTS)[number]>;
  }
}

/** @throws RegistrationFailed for a code that two modules declare */
export function problemCatalogue(): ProblemCatalogue {
  return new ProblemCatalogue(LISTS);
}

/** The codes in the order of their publication, which the OpenAPI document keeps. Newer codes follow. */
export const PUBLISHED_CODES: readonly ProblemCode[] = [
  'invalid-input',
  'role-not-for-scope',
  'unauthenticated',
  'sign-in-failed',
  'forbidden',
  'role-not-grantable',
  'offboarded',
  'own-role',
  'own-enrolment',
  'origin-not-allowed',
  'not-found',
  'invitation-not-found',
  'link-not-found',
  'account-exists',
  'checkpoint-ahead',
  'log-differs',
  'idempotency-key-in-use',
  'inviter-lost-authority',
  'last-owner',
  'name-taken',
  'not-revocable',
  'not-restorable',
  'not-resendable',
  'role-in-use',
  'scope-archived',
  'too-many-conflicts',
  'use-the-link',
  'wrong-account',
  'invitation-expired',
  'invitation-superseded',
  'invitation-revoked',
  'invitation-declined',
  'invitation-accepted',
  'link-expired',
  'link-revoked',
  'link-stopped',
  'link-used-up',
  'payload-too-large',
  'unsupported-media-type',
  'atomic-refused',
  'idempotency-key-reused',
  'not-a-contact-file',
  'too-many-recipients',
  'too-many-rows',
  'quota-exceeded',
  'too-many-requests',
  'too-many-attempts',
  'internal-error',
  'too-busy',
  'database-unavailable',
  'event-store-unavailable',
  'read-model-behind',
  'stream-incomplete',
  'stream-unreadable',
];
