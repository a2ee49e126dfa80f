import { evolveScope } from '../access/access.domain.contract.js';
import { describeScopeRules } from '../../../test/support/scope-rules.js';
import type { DeploymentProfile } from './deployment.events.js';
import { DEPLOYMENT } from './deployment.js';

const profile: DeploymentProfile = {
  organisationId: '44444444-0000-4000-8000-000000000001',
  name: 'Cohort A',
  targets: { patients: 100, staff: 2 },
  privacyPolicyUrl: null,
  termsUrl: 'https://riverside.example/terms',
  appStoreUrl: null,
  playStoreUrl: null,
  offboardingReasons: [],
};

describeScopeRules({ noun: 'Deployment', of: DEPLOYMENT, profile });

it('a deployment that an older version created has no links to an app and no reasons for offboarding', () => {
  const { appStoreUrl: _, playStoreUrl: __, offboardingReasons: ___, ...before } = profile;
  const state = evolveScope(DEPLOYMENT, { status: 'unknown' }, { type: 'DeploymentCreated', data: before });
  expect(state).toEqual({ status: 'active', profile });
});
