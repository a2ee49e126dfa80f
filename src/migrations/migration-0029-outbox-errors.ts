import { Migration } from '@mikro-orm/migrations';

/** Why the last attempt to send a mail failed. Entries of older versions don't say. */
export class OutboxErrorsMigration extends Migration {
  override up(): void {
    this.addSql('alter table outbox add column error text, add column error_code text');
  }
}
