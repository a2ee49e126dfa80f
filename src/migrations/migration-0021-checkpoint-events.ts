import { Migration } from '@mikro-orm/migrations';

/**
 * A checkpoint knows the event that it stands on, and how far the log was looked at beyond it. A version before this one goes on moving `position` alone:
 * what is known belongs to `event_position`.
 */
export class CheckpointEventsMigration extends Migration {
  override up(): void {
    this.addSql(
      'alter table checkpoint add column event_id uuid null, add column event_position text null, add column seen_up_to text null, add column seen_event_id uuid null',
    );
  }
}
