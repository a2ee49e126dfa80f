import { describeScopeRules } from '../../../test/support/scope-rules.js';
import { ORGANISATION } from './organisation.js';

describeScopeRules({
  noun: 'Organisation',
  of: ORGANISATION,
  profile: {
    name: 'Riverside Hospital',
    viewType: 'rpm',
    privacyPolicyUrl: null,
    termsUrl: 'https://riverside.example/terms',
    targets: { patients: 100, staff: null },
  },
});
