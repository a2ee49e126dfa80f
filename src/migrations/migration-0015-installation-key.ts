import { Migration } from '@mikro-orm/migrations';

/** The installation's own keys: what pseudonyms and aliases are made with. They belong to the people, and are moved with them. */
export class InstallationKeyMigration extends Migration {
  override up(): void {
    this.addSql('create table installation_key (name text not null, wrapped_key text not null, primary key (name))');
  }
}
