/** The words of kinds that begin with what the event's stream is about. Kinds are permanent: docs/history.md. */
const OF_INVITATIONS = {
  InvitationIssued: 'invited',
  InvitationReissued: 'reinvited',
  InvitationChanged: 'invitation-changed',
  InvitationRevoked: 'invitation-withdrawn',
  InvitationDeclined: 'invitation-declined',
  InvitationExpired: 'invitation-expired',
  InvitationAccepted: 'accepted',
} as const;

/** How kinds name the streams of members, by the streams' category. */
const MEMBERS = { staff: 'staff', patient: 'patient', observer: 'observer', groupMember: 'group-member' } as const;

/** The kind of every other event type. Bookkeeping is `internal.*`. */
const BY_TYPE = {
  StaffRoleChanged: 'staff.role-changed',
  StaffMemberRemoved: 'staff.removed',
  StaffMemberLeft: 'staff.left',
  PatientOffboarded: 'patient.offboarded',
  PatientReactivated: 'patient.reactivated',
  PatientRemoved: 'patient.removed',
  PatientLeft: 'patient.left',
  ObserverRemoved: 'observer.removed',
  ObserverLeft: 'observer.left',
  GroupFounderJoined: 'group-member.founded',
  GroupPermissionsChanged: 'group-member.permissions-changed',
  GroupMemberRemoved: 'group-member.removed',
  GroupMemberLeft: 'group-member.left',
  OrganisationCreated: 'organisation.created',
  OrganisationEdited: 'organisation.edited',
  OrganisationArchived: 'organisation.archived',
  OrganisationRestored: 'organisation.restored',
  DeploymentCreated: 'deployment.created',
  DeploymentEdited: 'deployment.edited',
  DeploymentArchived: 'deployment.archived',
  DeploymentRestored: 'deployment.restored',
  GroupCreated: 'group.created',
  GroupEdited: 'group.edited',
  GroupDeleted: 'group.deleted',
  GroupRestored: 'group.restored',
  GroupFileAdded: 'file.added',
  GroupFileUploaded: 'file.uploaded',
  GroupFileContentStored: 'file.content-stored',
  GroupFileEdited: 'file.edited',
  GroupFileRemoved: 'file.removed',
  GroupFileExceptionSet: 'file.exception-set',
  GroupFileExceptionCleared: 'file.exception-cleared',
  PatientLinkCreated: 'patient-link.created',
  PatientLinkRevoked: 'patient-link.revoked',
  PatientLinkPlaceReserved: 'internal.patient-link-place-reserved',
  PatientLinkPlaceReleased: 'internal.patient-link-place-released',
  InvitationBatchStarted: 'internal.invitation-batch-started',
  InvitationBatchFinished: 'internal.invitation-batch-finished',
  RoleDefined: 'role.defined',
  RoleEdited: 'role.edited',
  RoleDeleted: 'role.deleted',
  BuiltInRolesChanged: 'role.built-in-changed',
  ProjectionResumed: 'installation.projection-resumed',
  ProjectionRebuildRequested: 'installation.projection-rebuild-requested',
  ProjectionVerificationRequested: 'installation.projection-verification-requested',
  MailRetried: 'installation.mail-retried',
  OwnerRegistered: 'internal.owner-registered',
  OwnerReleased: 'internal.owner-released',
  SessionStarted: 'sign-in.started',
  SessionEnded: 'sign-in.ended',
  SignInsFailed: 'sign-in.failed',
  PasswordResetRequested: 'account.password-reset-requested',
  PasswordChanged: 'account.password-changed',
  AddressChangeRequested: 'account.address-change-requested',
  AddressChangeRefused: 'account.address-change-refused',
  AddressChanged: 'account.address-changed',
  AddressChangeUndone: 'account.address-change-undone',
  NameChanged: 'account.name-changed',
  AccountClosed: 'account.closed',
  GroupNoticesChosen: 'account.group-notices-chosen',
  GrantNoticesChosen: 'account.grant-notices-chosen',
  MailUnsubscribed: 'account.mail-unsubscribed',
  MailResubscribed: 'account.mail-resubscribed',
} as const;

type Values<Map> = Map[keyof Map];
export type Kind =
  `${Values<typeof MEMBERS>}.${Values<typeof OF_INVITATIONS>}` | Values<typeof BY_TYPE> | 'internal.unknown';

/** Every kind, in the order of the documentation. */
export const KINDS: readonly Kind[] = [
  ...Object.values(MEMBERS).flatMap((member) =>
    Object.values(OF_INVITATIONS).map((word) => `${member}.${word}` as const),
  ),
  ...Object.values(BY_TYPE),
  'internal.unknown',
];

/** The kinds of entries that change who may act in a scope. */
export const CHANGES_ACCESS: readonly Kind[] = KINDS.filter((kind) => /^(?:staff|role)\./.test(kind));

/** The kinds that a timeline leaves out unless a reader asks for them. */
export const INTERNAL: readonly Kind[] = KINDS.filter((kind) => kind.startsWith('internal.'));

/** The kind of an event. An event of a type that this version doesn't know is `internal.unknown`. */
export function kindOf(type: string, category: string): Kind {
  if (Object.hasOwn(OF_INVITATIONS, type) && Object.hasOwn(MEMBERS, category))
    return `${MEMBERS[category as keyof typeof MEMBERS]}.${OF_INVITATIONS[type as keyof typeof OF_INVITATIONS]}`;
  return Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type as keyof typeof BY_TYPE] : 'internal.unknown';
}

/** Whether a category holds the streams of members. */
export function isMembership(category: string): boolean {
  return Object.hasOwn(MEMBERS, category);
}
