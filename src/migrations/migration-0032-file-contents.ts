import { Migration } from '@mikro-orm/migrations';

/** The versions of files whose content is stored. An instance of an earlier version fills in null. */
export class FileContentsMigration extends Migration {
  override up(): void {
    this.addSql(`alter table group_file
      alter column url drop not null,
      add column versions jsonb null,
      add column stored_bytes double precision null`);
  }
}
