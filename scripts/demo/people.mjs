/** Whose roles: where, as what, and what becomes of the invitation. `at` is a place's key in fill.mjs, `role` a built-in role or a custom one's key. */
export const STAFF = [
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

/** `reason`: why one is offboarded. */
export const PATIENTS = [
  { name: 'Anna Active', at: 'first', then: 'accepts' },
  { name: 'Arthur Active', at: 'second', then: 'accepts' },
  { name: 'Otto Offboarded', at: 'first', then: 'is offboarded', reason: 'Completed the programme' },
  { name: 'Opal Offboarded', at: 'second', then: 'is offboarded', reason: 'Moved to another town' },
  { name: 'Wilma Waiting', at: 'first', then: 'waits' },
  { name: 'Walter Waiting', at: 'second', then: 'waits' },
];

export const PATIENT_LINK = { at: 'first', name: 'Poster in the waiting room', expiresIn: '1y', maxUses: 20 };

/** Members by what they may do beyond viewing; some are on the staff too. `allow` and `deny` name whom a file is an exception for. */
export const GROUPS = [
  {
    name: 'Steering Committee',
    description: 'Decides where the programmes go.',
    members: [
      { name: 'Ada Admin', administrator: true, contentCreator: true, then: 'accepts' },
      { name: 'Gina Guide', administrator: true, then: 'accepts' },
      { name: 'Conrad Creator', contentCreator: true, then: 'accepts' },
      { name: 'Vera Viewer', then: 'accepts' },
      { name: 'Wendy Waiting', contentCreator: true, then: 'waits' },
    ],
    files: [
      {
        name: 'Minutes 2026-03.pdf',
        type: 'application/pdf',
        size: 182_044,
        url: 'https://files.example/minutes-2026-03.pdf',
      },
      {
        name: 'Agenda.docx',
        type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
        size: 20_480,
        url: 'https://files.example/agenda.docx',
        allow: 'Vera Viewer',
      },
      {
        name: 'Signed contract.pdf',
        type: 'application/pdf',
        size: 940_112,
        url: 'https://files.example/contract.pdf',
        deny: 'Conrad Creator',
      },
    ],
  },
  {
    name: 'Blood Pressure Working Group',
    description: null,
    members: [
      { name: 'Cora Contributor', administrator: true, contentCreator: true, then: 'accepts' },
      { name: 'Victor Viewer', then: 'accepts' },
      { name: 'Dana Declined', then: 'declines' },
      { name: 'Wolfgang Waiting', administrator: true, then: 'waits' },
    ],
    files: [
      { name: 'Guideline.pdf', type: 'application/pdf', size: 512_000, url: 'https://files.example/guideline.pdf' },
    ],
  },
];

/** Custom roles: one of the organisation, one of a deployment. */
export const CUSTOM_ROLES = [
  {
    key: 'study-coordinator',
    at: 'organisation',
    name: 'Study Coordinator',
    permissions: ['patients.view', 'patients.contact', 'notes.manage'],
  },
  { key: 'data-reviewer', at: 'second', name: 'Data Reviewer', permissions: ['patients.view', 'patients.export'] },
];

/** A later run finds the organisation by its name and the address of its privacy policy, so that it leaves others of this name alone. */
export const ORGANISATION = {
  name: 'Riverside Hospital',
  privacyPolicyUrl: 'https://riverside.example/privacy',
  termsUrl: 'https://riverside.example/terms',
};

const APP_LINKS = {
  appStoreUrl: 'https://apps.riverside.example/ios',
  playStoreUrl: 'https://apps.riverside.example/android',
};
const OFFBOARDING_REASONS = ['Completed the programme', 'Moved to another town'];
export const DEPLOYMENTS = {
  first: { name: 'Cardiac Rehabilitation', ...APP_LINKS, offboardingReasons: OFFBOARDING_REASONS },
  second: { name: 'Hypertension Study', ...APP_LINKS, offboardingReasons: OFFBOARDING_REASONS },
};

/** `Olive Owner`: `olive.owner@riverside.example`. */
export function addressOf(name) {
  return `${name.toLowerCase().replace(' ', '.')}@riverside.example`;
}
