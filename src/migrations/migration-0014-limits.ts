import { Migration } from '@mikro-orm/migrations';

/** What people append about themselves is counted by the hour; and mails that wait are counted along an index. */
export class LimitsMigration extends Migration {
  override up(): void {
    this.addSql(
      'create table own_event_count (person_id uuid not null, since timestamptz not null, events int not null, primary key (person_id))',
    );
    this.addSql(`create index outbox_waiting on outbox (queued_at) where state = 'pending'`);
  }
}
