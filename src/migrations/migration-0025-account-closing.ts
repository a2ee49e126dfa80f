import { Migration } from '@mikro-orm/migrations';

/** The closing of an account waits in a row until its event is stored and the account's rows are removed. */
export class AccountClosingMigration extends Migration {
  override up(): void {
    this.addSql(`create table account_closing (
      id uuid not null,
      closing_id uuid not null,
      started_at timestamptz not null,
      primary key (id)
    )`);
  }
}
