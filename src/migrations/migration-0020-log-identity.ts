import { Migration } from '@mikro-orm/migrations';

/** The id of the log that the database belongs to, in one row. The log holds the same id, as an event of its own. */
export class LogIdentityMigration extends Migration {
  override up(): void {
    this.addSql(
      'create table log_identity (only_row boolean not null default true check (only_row), log_id uuid not null, primary key (only_row))',
    );
  }
}
