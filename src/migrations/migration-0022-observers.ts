import { Migration } from '@mikro-orm/migrations';

/** Observers of deployments. A version before this one passes over their streams. */
export class ObserversMigration extends Migration {
  override up(): void {
    this.addSql(`create table observer (
      id uuid not null,
      person_id uuid not null,
      scope_kind text not null,
      scope_id uuid not null,
      organisation_id uuid,
      active boolean not null,
      since timestamptz not null,
      primary key (id)
    )`);
    this.addSql('create index observer_person_id_index on observer (person_id)');
    this.addSql('create index observer_by_scope on observer (scope_id, active, since, id)');
  }
}
