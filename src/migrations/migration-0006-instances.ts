import { Migration } from '@mikro-orm/migrations';

/** Several instances on one database, and read models that are rebuilt beside the live ones. */
export class InstancesMigration extends Migration {
  override up(): void {
    this.addSql(
      'create table work_lease (name text not null, holder uuid not null, until timestamptz not null, primary key (name))',
    );
    this.addSql('alter table checkpoint add column version int not null default 1');
  }
}
