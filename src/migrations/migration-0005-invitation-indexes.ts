import { Migration } from '@mikro-orm/migrations';

const INDEXES = [
  // A scope's list in its other orders: by their end, and of one state.
  'create index invitation_by_expiry on invitation (scope_id, kind, expires_at, id)',
  'create index invitation_by_state on invitation (scope_id, kind, state, invited_at, id)',
  // Which invitations are overdue.
  "create index invitation_open on invitation (expires_at, id) where state = 'pending'",
];

export class InvitationIndexesMigration extends Migration {
  override up(): void {
    for (const statement of INDEXES) this.addSql(statement);
  }
}
