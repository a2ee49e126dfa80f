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
  terms: 1,
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
const changedTerms = {
  ...reissued,
  grant: { role: 'contributor' },
  window: '72h',
  expiresAt: '2026-01-08T12:00:11.000Z',
  terms: 2,
};
const notAMember = { status: 'unknown' };
const owner = { status: 'active', personId: ANN, role: 'organisation-owner', since: '2026-01-05T12:00:14.000Z' };
const editor = { ...owner, role: 'organisation-editor' };

const patient = { status: 'active', personId: ANN, since: '2026-01-05T12:00:14.000Z' };
const observer = { personId: ANN, since: '2026-01-05T12:00:14.000Z', active: true };
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
  versions: [],
};
const uploaded = {
  status: 'there',
  groupId: '66666666-0000-4000-8000-000000000001',
  addedBy: ANN,
  addedAt: '2026-01-07T12:00:20.000Z',
  exceptions: {},
  entry: { name: 'Plan.pdf', size: 20_480, type: 'application/pdf', url: null },
  versions: [
    {
      version: 1,
      contentId: '88888888-0000-4000-8000-000000000001',
      size: 20_480,
      type: 'application/pdf',
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      storedBy: ANN,
      storedAt: '2026-01-07T12:00:20.000Z',
    },
  ],
};
const denied = {
  '33333333-0000-5000-8000-000000000003': { memberSince: '2026-01-07T12:00:14.000Z', contentCreator: false },
};

const nothingChosen = {
  acceptances: false,
  grants: [],
  unsubscribed: [],
  password: { request: null, changeIds: [] },
  address: { request: null, changes: [], present: null, count: 0 },
  name: null,
  closings: { ids: [] },
};
const newName = {
  eventId: '0c1f54a5-64a4-5c0e-9a0e-6d6a3a3f2a55',
  sealed: {
    personId: BOB,
    sealed: 'ywOiaiE2mgJjjqAgZNf0fldlE9yBO-zCApAq42uTkiEmHR_Seg',
  },
};
const resetRequest = {
  issue: 1,
  expiresAt: '2026-11-30T13:00:13.000Z',
  locale: 'en',
  eventId: '0c1f54a5-64a4-5c0e-9a0e-6d6a3a3f2a53',
  isUsed: false,
};

/** Who changes their address. */
const MOVED = '22222222-0000-4000-8000-000000000002';
const addressRequest = {
  issue: 1,
  eventId: '0c1f54a5-64a4-5c0e-9a0e-6d6a3a3f2a55',
  expiresAt: '2026-11-30T13:00:15.000Z',
  locale: 'en',
  address: {
    eventId: '0c1f54a5-64a4-5c0e-9a0e-6d6a3a3f2a55',
    field: 'address',
    sealed: {
      personId: MOVED,
      sealed: '3nff10FLjym_8c5hh1aKEmC_hzmFY9A_uKe1Rryl17IrJkSasCiTo9Wu2A5OsJszWX7ddBc',
    },
  },
  status: 'open',
};
const addressChange = {
  issue: 1,
  eventId: '0c1f54a5-64a4-5c0e-9a0e-6d6a3a3f2a57',
  from: {
    eventId: '0c1f54a5-64a4-5c0e-9a0e-6d6a3a3f2a57',
    field: 'from',
    sealed: { personId: MOVED, sealed: 'shPzVXyp3MJzAtPAbqWvCg9OWdnxhPOwBa4H8Dyqf0PeIkSZuXHqEN5f-A' },
  },
  undoUntil: '2026-12-07T12:00:17.000Z',
  locale: 'en',
  isUndone: false,
};
const changedAddress = {
  request: { ...addressRequest, status: 'used' },
  changes: [addressChange],
  present: {
    eventId: '0c1f54a5-64a4-5c0e-9a0e-6d6a3a3f2a57',
    field: 'to',
    sealed: {
      personId: MOVED,
      sealed: 'J1vgLY4HR8kAHkpw7-zFnlla2t-RgHa2xFfwSH2Xfb8FkTlX7nHnWvNlxDpipLyFZhS_zaQ',
    },
  },
  count: 1,
};

/** The state after each golden event, and the golden events that come before it. */
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
  'InvitationChanged.v1': { after: INVITED, state: { invitation: changedTerms, member: notAMember } },
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

  'InvitationBatchStarted.v1': { state: { batch: 'started' } },
  'InvitationBatchFinished.v1': { after: ['InvitationBatchStarted.v1'], state: { batch: 'finished' } },

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

  'ObserverRemoved.v1': { after: JOINED, state: { ...observer, active: false } },
  'ObserverLeft.v1': { after: JOINED, state: { ...observer, active: false } },

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
  'GroupFileUploaded.v1': { state: uploaded },
  'GroupFileContentStored.v1': {
    after: ['GroupFileUploaded.v1'],
    state: {
      ...uploaded,
      entry: { ...uploaded.entry, size: 30_720 },
      versions: [
        ...uploaded.versions,
        {
          version: 2,
          contentId: '88888888-0000-4000-8000-000000000002',
          size: 30_720,
          type: 'application/pdf',
          sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
          storedBy: ANN,
          storedAt: '2026-01-07T12:00:21.000Z',
        },
      ],
    },
  },
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

  'NameChanged.v1': { state: { ...nothingChosen, name: newName } },
  'AccountClosed.v1': {
    after: ['PasswordResetRequested.v1', 'NameChanged.v1'],
    state: {
      ...nothingChosen,
      password: { request: { ...resetRequest, isUsed: true }, changeIds: [] },
      closings: { ids: ['66666666-0000-4000-8000-000000000007'] },
    },
  },
  'PasswordResetRequested.v1': { state: { ...nothingChosen, password: { request: resetRequest, changeIds: [] } } },
  'PasswordChanged.v1': {
    after: ['PasswordResetRequested.v1'],
    state: {
      ...nothingChosen,
      password: {
        request: { ...resetRequest, isUsed: true },
        changeIds: ['66666666-0000-4000-8000-000000000006'],
      },
    },
  },

  'AddressChangeRequested.v1': {
    state: { ...nothingChosen, address: { ...nothingChosen.address, request: addressRequest } },
  },
  'AddressChangeRefused.v1': {
    after: ['AddressChangeRequested.v1'],
    state: {
      ...nothingChosen,
      address: { ...nothingChosen.address, request: { ...addressRequest, status: 'refused' } },
    },
  },
  'AddressChanged.v1': {
    after: ['AddressChangeRequested.v1'],
    state: { ...nothingChosen, address: changedAddress },
  },
  'AddressChangeUndone.v1': {
    after: ['AddressChangeRequested.v1', 'AddressChanged.v1'],
    state: {
      ...nothingChosen,
      address: {
        ...changedAddress,
        changes: [{ ...addressChange, isUndone: true }],
        present: {
          eventId: '0c1f54a5-64a4-5c0e-9a0e-6d6a3a3f2a58',
          field: 'address',
          sealed: { personId: MOVED, sealed: '5obYgTTlclLNIxm5yjf50pp3Hr1Iw15AWFOZB8u535Dlp1-jtLq2TqQjTA' },
        },
        count: 2,
      },
    },
  },

  'SessionStarted.v1': { state: { status: 'open' } },
  'SessionEnded.v1': { after: ['SessionStarted.v1'], state: { status: 'ended' } },

  'SignInsFailed.v1': {
    state: {
      recorded: {
        of: 'person',
        personId: '22222222-0000-4000-8000-000000000002',
        hour: '2026-11-30T12:00:00.000Z',
        count: 3,
      },
    },
  },

  'BuiltInRolesChanged.v1': {
    state: {
      release: '0.2.0',
      roles: [{ id: 'auditor', name: 'Auditor', permissions: ['audit.view'] }],
      implied: { 'patients.manage': ['patients.view', 'patients.offboard'] },
      grants: { support: { roles: ['auditor'], custom: true } },
      sets: { viewer: { name: 'Viewer', administrator: false, contentCreator: false } },
    },
  },
  'ProjectionResumed.v1': { state: { acts: [['ProjectionResumed', { projection: 'group-list' }]] } },
  'ProjectionRebuildRequested.v1': {
    state: { acts: [['ProjectionRebuildRequested', { projection: 'invitation-list' }]] },
  },
  'ProjectionVerificationRequested.v1': {
    state: { acts: [['ProjectionVerificationRequested', { projection: 'history' }]] },
  },
  'MailRetried.v1': { state: { acts: [['MailRetried', { key: '5c1bbb1f-3a64-5ee5-8065-c586d3711079' }]] } },

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
