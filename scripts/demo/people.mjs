/** Who is invited: where, as what, and what becomes of it. `at` is a place's key in fill.mjs, `role` a built-in role or a custom one's key. */
export const PEOPLE = [
  { name: 'Olive Owner', at: 'organisation', role: 'organisation-owner', then: 'accepts' },
  { name: 'Edgar Editor', at: 'organisation', role: 'organisation-editor', then: 'accepts' },
  { name: 'Audrey Auditor', at: 'organisation', role: 'auditor', then: 'accepts' },
  { name: 'Oscar Staff', at: 'organisation', role: 'organisation-staff', then: 'accepts' },
  { name: 'Ada Admin', at: 'first', role: 'admin', then: 'accepts' },
  { name: 'Carl Contributor', at: 'first', role: 'contributor', then: 'accepts' },
  { name: 'Dora Deployment', at: 'first', role: 'deployment-staff', then: 'accepts' },
  { name: 'Anton Access', at: 'second', role: 'access-controller', then: 'accepts' },
  { name: 'Cora Contributor', at: 'second', role: 'contributor', then: 'accepts' },
  { name: 'Stella Coordinator', at: 'organisation', role: 'study-coordinator', then: 'accepts' },
  { name: 'Rafael Reviewer', at: 'second', role: 'data-reviewer', then: 'accepts' },
  { name: 'Paula Pending', at: 'organisation', role: 'organisation-editor', then: 'waits' },
  { name: 'Peter Pending', at: 'first', role: 'deployment-staff', then: 'waits' },
  { name: 'Petra Pending', at: 'second', role: 'admin', then: 'waits' },
  { name: 'Denise Declined', at: 'organisation', role: 'contributor', then: 'declines' },
  { name: 'Dirk Declined', at: 'second', role: 'contributor', then: 'declines' },
  { name: 'Rita Revoked', at: 'organisation', role: 'admin', then: 'is revoked' },
  { name: 'Robert Revoked', at: 'first', role: 'contributor', then: 'is revoked' },
];

/** Custom roles: one of the organisation, one of a deployment. */
export const CUSTOM_ROLES = [
  { key: 'study-coordinator', at: 'organisation', name: 'Study Coordinator', permissions: ['patients.view', 'patients.contact', 'notes.manage'] },
  { key: 'data-reviewer', at: 'second', name: 'Data Reviewer', permissions: ['patients.view', 'patients.export'] },
];

export const ORGANISATION = 'Riverside Hospital';
export const DEPLOYMENTS = { first: 'Cardiac Rehabilitation', second: 'Hypertension Study' };

/** `Olive Owner` in the second organisation: `olive.owner@riverside-2.example`. */
export function addressOf(name, number) {
  return `${name.toLowerCase().replace(' ', '.')}@riverside${number === 1 ? '' : `-${number}`}.example`;
}
