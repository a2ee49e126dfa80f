import { Migration } from '@mikro-orm/migrations';

/**
 * A person who changes their address has a further row for each former address, and for one that a change under way
 * holds. The one index of hashes goes on deciding who has an address.
 */
export class AddressesMigration extends Migration {
  override up(): void {
    this.addSql(`alter table person
      add column address_of uuid,
      add column former_until timestamptz,
      add column held_by uuid,
      add column held_at timestamptz,
      add column address_changes int`);
    this.addSql('create index person_address_of on person (address_of) where address_of is not null');
    this.addSql('create index person_held on person (held_at) where held_by is not null');
  }
}
