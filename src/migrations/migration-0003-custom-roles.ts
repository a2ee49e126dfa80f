import { Migration } from '@mikro-orm/migrations';

/** Where a custom role's id is looked up. */
export class CustomRolesMigration extends Migration {
  override up(): void {
    this.addSql('create table custom_role (id uuid not null, organisation_id uuid not null, primary key (id))');
  }
}
