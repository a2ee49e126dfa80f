const ANN = '22222222-0000-4000-8000-000000000001';
const BOB = '22222222-0000-4000-8000-000000000002';
const RESENDER = '22222222-0000-4000-8000-000000000003';
const ID = '11111111-0000-4000-8000-000000000001';
const RIVERSIDE = '44444444-0000-4000-8000-000000000001';

const organisation = {
  name: 'Riverside Hospital',
  viewType: 'rpm',
  privacyPolicyUrl: 'https://riverside.example/privacy',
  termsUrl: null,
  targets: { patients: 100, staff: null },
};
const deployment = {
  organisationId: RIVERSIDE,
  name: 'Cohort A',
  targets: { patients: 20, staff: 2 },
  privacyPolicyUrl: null,
  termsUrl: 'https://riverside.example/terms',
  appStoreUrl: null,
  playStoreUrl: null,
  offboardingReasons: [],
};
const issued = {
  status: 'pending',
  invitationId: ID,
  personId: ANN,
  grant: { role: 'organisation-owner' },
  issue: 1,
  issues: [ID],
  window: '7d',
  locale: 'de',
  expiresAt: '2026-01-12T12:00:09.000Z',
  invitedAt: '2026-01-05T12:00:09.000Z',
  issuedBy: BOB,
  resentAt: [],
  message: { personId: ANN, sealed: '55rHf0MkkPAHtWNOYDgcu6S38MpOQ_v711IbQ6u7oq9Uoc66stI' },
  firstEventId: 'e32499cb-7d20-5a3b-8285-3aa027548f41',
};
const reissued = {
  ...issued,
  issue: 2,
  issues: [ID, ID],
  window: '24h',
  expiresAt: '2026-01-06T12:00:10.000Z',
  issuedBy: RESENDER,
  resentAt: ['2026-01-05T12:00:10.000Z'],
};
const notAMember = { status: 'unknown' };
const owner = { status: 'active', personId: ANN, role: 'organisation-owner', since: '2026-01-05T12:00:14.000Z' };
const editor = { ...owner, role: 'organisation-editor' };

const patient = { status: 'active', personId: ANN, since: '2026-01-05T12:00:14.000Z' };
const offboarded = {
  ...patient,
  status: 'offboarded',
  at: '2026-01-06T12:00:10.000Z',
  eventId: '68c3d84e-bf1d-5776-ae8a-7c56eee4b223',
  reason: { personId: ANN, sealed: 'YQa2tOJ2I7A-BJo5brv7-IGpMXSQEdFBQgdGT6q3JeDLZUfYIW6tNdG7Iqg' },
};

const poster = {
  status: 'open',
  name: 'Poster in ward 3',
  window: '7d',
  expiresAt: '2026-01-13T12:00:20.000Z',
  maxUses: 50,
  locale: 'de',
};

const INVITED = ['InvitationIssued.v1', 'InvitationReissued.v1'];
const JOINED = [...INVITED, 'InvitationAccepted.v1'];
const CHANGED = [...JOINED, 'StaffRoleChanged.v1'];
const accepted = { ...reissued, status: 'accepted' };

const change = {
  stream: 'staff-33333333-0000-5000-8000-000000000001',
  expectedRevision: 2,
  fact: { type: 'StaffRoleChanged', data: { from: 'organisation-owner', to: 'organisation-editor' } },
  actor: BOB,
  commandId: 'c9b09cb5-bb6f-5d96-8414-2b6d31a73d3e',
};

const WARD = '55555555-0000-4000-8000-000000000001';
const nurse = {
  id: WARD,
  name: 'Night nurse',
  permissions: ['patients.contact', 'patients.view'],
  scopes: ['organisation', 'deployment'],
  definedAt: { kind: 'organisation', id: RIVERSIDE },
  deleted: null,
};
const wardNurse = {
  ...nurse,
  name: 'Ward nurse',
  permissions: ['patients.contact', 'patients.view', 'patients.export'],
};

const board = {
  status: 'active',
  organisationId: RIVERSIDE,
  name: 'Tumour board',
  description: null,
  createdAt: '2026-01-07T12:00:10.000Z',
};
const founder = {
  status: 'active',
  personId: ANN,
  permissionSet: 'administrator-content-creator',
  since: '2026-01-07T12:00:14.000Z',
};
const FOUNDER_CHANGED = ['GroupFounderJoined.v1', 'GroupPermissionsChanged.v1'];
const minutes = {
  status: 'there',
  groupId: '66666666-0000-4000-8000-000000000001',
  addedBy: ANN,
  addedAt: '2026-01-07T12:00:18.000Z',
  exceptions: {},
  entry: { name: 'Minutes.pdf', size: 20480, type: 'application/pdf', url: 'https://files.example.org/7f3a' },
};
const denied = {
  '33333333-0000-5000-8000-000000000003': { memberSince: '2026-01-07T12:00:14.000Z', contentCreator: false },
};

const nothingChosen = { acceptances: false, grants: [], unsubscribed: [] };

/** What each golden event comes to, after the ones named. */
export const STATES: Record<string, { after?: string[]; state: object }> = {
  'OrganisationCreated.v1': { state: { status: 'active', profile: organisation } },
  'OrganisationEdited.v1': {
    after: ['OrganisationCreated.v1'],
    state: {
      status: 'active',
      profile: { ...organisation, name: 'Lakeside Hospital', targets: { patients: 200, staff: 20 } },
    },
  },
  'OrganisationArchived.v1': {
    after: ['OrganisationCreated.v1'],
    state: { status: 'archived', profile: organisation },
  },
  'OrganisationRestored.v1': {
    after: ['OrganisationCreated.v1', 'OrganisationArchived.v1'],
    state: { status: 'active', profile: organisation },
  },

  'DeploymentCreated.v1': { state: { status: 'active', profile: deployment } },
  'DeploymentEdited.v1': {
    after: ['DeploymentCreated.v1'],
    state: { status: 'active', profile: { ...deployment, name: 'Cohort B', termsUrl: null } },
  },
  'DeploymentArchived.v1': { after: ['DeploymentCreated.v1'], state: { status: 'archived', profile: deployment } },
  'DeploymentRestored.v1': {
    after: ['DeploymentCreated.v1', 'DeploymentArchived.v1'],
    state: { status: 'active', profile: deployment },
  },

  'InvitationIssued.v1': { state: { invitation: issued, member: notAMember } },
  'InvitationReissued.v1': { after: ['InvitationIssued.v1'], state: { invitation: reissued, member: notAMember } },
  'InvitationRevoked.v1': {
    after: INVITED,
    state: { invitation: { ...reissued, status: 'revoked' }, member: notAMember },
  },
  'InvitationDeclined.v1': {
    after: INVITED,
    state: { invitation: { ...reissued, status: 'declined' }, member: notAMember },
  },
  'InvitationExpired.v1': {
    after: INVITED,
    state: { invitation: { ...reissued, status: 'expired' }, member: notAMember },
  },
  'InvitationAccepted.v1': { after: INVITED, state: { invitation: accepted, member: owner } },

  'StaffRoleChanged.v1': { after: JOINED, state: { invitation: accepted, member: editor } },
  'StaffMemberRemoved.v1': {
    after: CHANGED,
    state: { invitation: accepted, member: { ...editor, status: 'removed' } },
  },
  'StaffMemberLeft.v1': { after: CHANGED, state: { invitation: accepted, member: { ...editor, status: 'left' } } },

  'PatientOffboarded.v1': { after: JOINED, state: offboarded },
  'PatientReactivated.v1': { after: [...JOINED, 'PatientOffboarded.v1'], state: patient },
  'PatientRemoved.v1': { after: JOINED, state: { ...patient, status: 'removed' } },
  'PatientLeft.v1': { after: JOINED, state: { ...patient, status: 'left' } },

  'PatientLinkCreated.v1': { state: { ...poster, usedBy: [] } },
  'PatientLinkRevoked.v1': { after: ['PatientLinkCreated.v1'], state: { ...poster, status: 'revoked', usedBy: [] } },
  'PatientLinkPlaceReserved.v1': { after: ['PatientLinkCreated.v1'], state: { ...poster, usedBy: [ID] } },
  'PatientLinkPlaceReleased.v1': {
    after: ['PatientLinkCreated.v1', 'PatientLinkPlaceReserved.v1'],
    state: { ...poster, usedBy: [] },
  },

  'GroupCreated.v1': { state: board },
  'GroupEdited.v1': { after: ['GroupCreated.v1'], state: { ...board, name: 'Tumor board', description: 'Mondays' } },
  'GroupDeleted.v1': {
    after: ['GroupCreated.v1'],
    state: { ...board, status: 'deleted', deletedAt: '2026-01-07T12:00:12.000Z' },
  },
  'GroupRestored.v1': { after: ['GroupCreated.v1', 'GroupDeleted.v1'], state: board },

  'GroupFounderJoined.v1': { state: founder },
  'GroupPermissionsChanged.v1': {
    after: ['GroupFounderJoined.v1'],
    state: { ...founder, permissionSet: 'content-creator' },
  },
  'GroupMemberRemoved.v1': { after: FOUNDER_CHANGED, state: { status: 'none' } },
  'GroupMemberLeft.v1': { after: FOUNDER_CHANGED, state: { status: 'none' } },

  'GroupFileAdded.v1': { state: minutes },
  'GroupFileEdited.v1': {
    after: ['GroupFileAdded.v1'],
    state: { ...minutes, entry: { ...minutes.entry, name: 'Minutes of March.pdf', size: null } },
  },
  'GroupFileExceptionSet.v1': { after: ['GroupFileAdded.v1'], state: { ...minutes, exceptions: denied } },
  'GroupFileExceptionCleared.v1': { after: ['GroupFileAdded.v1', 'GroupFileExceptionSet.v1'], state: minutes },
  'GroupFileRemoved.v1': { after: ['GroupFileAdded.v1'], state: { status: 'none' } },

  'GroupNoticesChosen.v1': { state: { ...nothingChosen, acceptances: true } },
  'GrantNoticesChosen.v1': { state: { ...nothingChosen, grants: [RIVERSIDE] } },
  'MailUnsubscribed.v1': {
    state: { ...nothingChosen, unsubscribed: [[RIVERSIDE, { since: '2026-01-07T12:00:24.000Z', revision: 1 }]] },
  },
  'MailResubscribed.v1': { after: ['MailUnsubscribed.v1'], state: nothingChosen },

  'RoleDefined.v1': { state: [[WARD, nurse]] },
  'RoleEdited.v1': { after: ['RoleDefined.v1'], state: [[WARD, wardNurse]] },
  'RoleDeleted.v1': {
    after: ['RoleDefined.v1', 'RoleEdited.v1'],
    state: [[WARD, { ...wardNurse, deleted: { movedTo: 'contributor' } }]],
  },

  'LogOpened.v1': { state: { logId: '7b9a2f64-3c1d-4e58-9a07-5d2f8e6b1c43' } },

  'OwnerRegistered.v1': { state: { owners: [ANN], released: [] } },
  'OwnerReleased.v1': { after: ['OwnerRegistered.v1'], state: { owners: [], released: [[ANN, change]] } },
};
