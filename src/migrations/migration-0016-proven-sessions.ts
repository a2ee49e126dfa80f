import { Migration } from '@mikro-orm/migrations';

/** Whether a link mailed to the account's address was opened in a session: asked of accounts that hold no place. */
export class ProvenSessionsMigration extends Migration {
  override up(): void {
    this.addSql('alter table account_session add column mailbox_proven boolean not null default false');
  }
}
