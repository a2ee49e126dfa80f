import { Migration } from '@mikro-orm/migrations';

/**
 * A session says whether it holds, how it ended and when it was last used. A version before this one writes rows that
 * hold at once, and deletes those that end. A changed password waits in a row of its own until its event is stored.
 */
export class SessionsMigration extends Migration {
  override up(): void {
    this.addSql(`alter table account_session
      add column state text not null default 'open',
      add column ended_how text,
      add column used_at timestamptz`);
    this.addSql(`create index account_session_not_open on account_session (created_at) where state <> 'open'`);
    this.addSql('create index account_session_expires_at on account_session (expires_at)');
    this.addSql(`create table pending_password (
      id uuid not null,
      change_id uuid not null,
      password text not null,
      keep_session uuid,
      end_sessions text not null,
      started_at timestamptz not null,
      primary key (id)
    )`);
  }
}
