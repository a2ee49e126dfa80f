import { EventStoreMigration } from './migration-0001-event-store.js';
import { TablesMigration } from './migration-0002-tables.js';
import { CustomRolesMigration } from './migration-0003-custom-roles.js';
import { IdempotencyMigration } from './migration-0004-idempotency.js';
import { InvitationIndexesMigration } from './migration-0005-invitation-indexes.js';
import { InstancesMigration } from './migration-0006-instances.js';
import { PatientsMigration } from './migration-0007-patients.js';
import { GroupsMigration } from './migration-0008-groups.js';
import { EventTypesMigration } from './migration-0009-event-types.js';
import { AppendWithPeopleMigration } from './migration-0010-append-with-people.js';
import { AppendOnGroundsMigration } from './migration-0011-append-on-grounds.js';
import { AppendAllMigration } from './migration-0012-append-all.js';
import { ListIndexesMigration } from './migration-0013-list-indexes.js';
import { LimitsMigration } from './migration-0014-limits.js';
import { InstallationKeyMigration } from './migration-0015-installation-key.js';
import { ProvenSessionsMigration } from './migration-0016-proven-sessions.js';
import { MailMannersMigration } from './migration-0017-mail-manners.js';
import { RateLimitsMigration } from './migration-0018-rate-limits.js';
import { LogIdentityMigration } from './migration-0020-log-identity.js';
import { CheckpointEventsMigration } from './migration-0021-checkpoint-events.js';
import { ObserversMigration } from './migration-0022-observers.js';
import { SessionsMigration } from './migration-0023-sessions.js';
import { AddressesMigration } from './migration-0024-addresses.js';
import { AccountClosingMigration } from './migration-0025-account-closing.js';
import { InvitationBatchesMigration } from './migration-0026-invitation-batches.js';
import { InvitationWeeksMigration } from './migration-0027-invitation-weeks.js';
import { DeploymentListsMigration } from './migration-0028-deployment-lists.js';
import { OutboxErrorsMigration } from './migration-0029-outbox-errors.js';
import { HistoryMigration } from './migration-0030-history.js';
import { BatchStatesMigration } from './migration-0031-batch-states.js';
import { FileContentsMigration } from './migration-0032-file-contents.js';

/**
 * Every migration of the product, oldest first. Databases record migrations by name, so a released name never changes.
 * No migration has the number 0019.
 */
export const MIGRATIONS = [
  { name: '0001-event-store', class: EventStoreMigration },
  { name: '0002-tables', class: TablesMigration },
  { name: '0003-custom-roles', class: CustomRolesMigration },
  { name: '0004-idempotency', class: IdempotencyMigration },
  { name: '0005-invitation-indexes', class: InvitationIndexesMigration },
  { name: '0006-instances', class: InstancesMigration },
  { name: '0007-patients', class: PatientsMigration },
  { name: '0008-groups', class: GroupsMigration },
  { name: '0009-event-types', class: EventTypesMigration },
  { name: '0010-append-with-people', class: AppendWithPeopleMigration },
  { name: '0011-append-on-grounds', class: AppendOnGroundsMigration },
  { name: '0012-append-all', class: AppendAllMigration },
  { name: '0013-list-indexes', class: ListIndexesMigration },
  { name: '0014-limits', class: LimitsMigration },
  { name: '0015-installation-key', class: InstallationKeyMigration },
  { name: '0016-proven-sessions', class: ProvenSessionsMigration },
  { name: '0017-mail-manners', class: MailMannersMigration },
  { name: '0018-rate-limits', class: RateLimitsMigration },
  { name: '0020-log-identity', class: LogIdentityMigration },
  { name: '0021-checkpoint-events', class: CheckpointEventsMigration },
  { name: '0022-observers', class: ObserversMigration },
  { name: '0023-sessions', class: SessionsMigration },
  { name: '0024-addresses', class: AddressesMigration },
  { name: '0025-account-closing', class: AccountClosingMigration },
  { name: '0026-invitation-batches', class: InvitationBatchesMigration },
  { name: '0027-invitation-weeks', class: InvitationWeeksMigration },
  { name: '0028-deployment-lists', class: DeploymentListsMigration },
  { name: '0029-outbox-errors', class: OutboxErrorsMigration },
  { name: '0030-history', class: HistoryMigration },
  { name: '0031-batch-states', class: BatchStatesMigration },
  { name: '0032-file-contents', class: FileContentsMigration },
];
