import type { EntitySchema } from '@mikro-orm/core';
import type { Entity } from '../shared/database/database.js';
import {
  AccountClosingTable,
  AccountCredentialTable,
  AccountSessionTable,
  AccountTable,
  AccountVerificationTable,
  PendingPasswordTable,
  ProvisionalAccountTable,
} from '../modules/accounts/account-tables.js';
import { HISTORY_TABLES } from '../modules/history/read-models/history-tables.js';
import { IdempotentCallTable } from '../shared/http/idempotency/idempotent-call.js';
import { LeaderTable } from '../shared/cluster/leader-election.js';
import {
  InvitationBatchItemTable,
  InvitationBatchTable,
} from '../modules/invitations/batches/invitation-batch-list.projection.js';
import { InvitationWeekTable } from '../modules/invitations/weeks/invitation-week.projection.js';
import { InvitationTable } from '../modules/invitations/manage/invitation-list.projection.js';
import { InvitationQuotaTable, PreviewSketchTable } from '../modules/invitations/invite/limits/limit-tables.js';
import { OwnEventTable } from '../shared/rate-limits/own-event-table.js';
import { RateLimitTable } from '../shared/rate-limits/rate-limit-table.js';
import { UnsubscriptionTable } from '../modules/invitations/subscriptions/unsubscription-list.projection.js';
import { INVITATION_TYPES } from './invitation-types.js';
import { LogIdentityTable } from './log-identity/log-identity-table.js';
import { PersonDirectoryTable } from '../modules/people/person-directory.js';
import { InstallationKeyTable } from '../shared/crypto/installation-key.js';
import { PersonTable } from '../modules/people/people.js';
import { CheckpointTable } from '../shared/projections/checkpoints.js';
import { OutboxTable } from '../modules/invitations/mails/outbox-table.js';
import { DeploymentTable } from '../modules/deployments/deployment-list.projection.js';
import { GroupFileTable } from '../modules/groups/files/group-file-list.projection.js';
import { GroupTable } from '../modules/groups/group/group-list.projection.js';
import { OrganisationTable } from '../modules/organisations/organisation-list.projection.js';
import { CustomRoleTable } from '../modules/roles/custom-role-list.projection.js';
import { PatientLinkTable } from '../modules/patients/invite-links/patient-link-list.projection.js';

/** The log can rebuild each of these tables. */
export const READ_MODELS: readonly EntitySchema[] = [
  OrganisationTable,
  DeploymentTable,
  InvitationTable,
  InvitationBatchTable,
  InvitationBatchItemTable,
  InvitationWeekTable,
  PatientLinkTable,
  GroupTable,
  GroupFileTable,
  CustomRoleTable,
  PersonDirectoryTable,
  UnsubscriptionTable,
  ...HISTORY_TABLES,
  ...INVITATION_TYPES.map(({ members }) => members.table),
];

/** Lists every table except those of the event log. A test compares the list with what the migrations create. */
export const ENTITIES: readonly Entity[] = [
  ...READ_MODELS,
  PersonTable,
  InstallationKeyTable,
  LogIdentityTable,
  AccountTable,
  AccountCredentialTable,
  AccountSessionTable,
  AccountVerificationTable,
  ProvisionalAccountTable,
  PendingPasswordTable,
  AccountClosingTable,
  CheckpointTable,
  LeaderTable,
  OutboxTable,
  IdempotentCallTable,
  OwnEventTable,
  InvitationQuotaTable,
  PreviewSketchTable,
  RateLimitTable,
];
