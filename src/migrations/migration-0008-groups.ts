import { Migration } from '@mikro-orm/migrations';

/** Read models of groups, their members and their files. */
export class GroupsMigration extends Migration {
  override up(): void {
    this.addSql(`create table working_group (
      id uuid not null, organisation_id uuid not null, name text not null, description text null, created_at timestamptz not null, deleted_at timestamptz null,
      primary key (id))`);
    this.addSql('create index working_group_by_organisation on working_group (organisation_id, name, id)');
    this.addSql(`create table group_member (
      id uuid not null, person_id uuid not null, group_id uuid not null, organisation_id uuid null, permission_set text not null, active boolean not null,
      since timestamptz not null, primary key (id))`);
    this.addSql('create index group_member_person_id_index on group_member (person_id)');
    this.addSql('create index group_member_by_group on group_member (group_id, active, since, id)');
    this.addSql('create index group_member_by_organisation on group_member (organisation_id, active)');
    this.addSql(`create table group_file (
      id uuid not null, group_id uuid not null, name text not null, size double precision null, type text null, url text not null, added_by text not null,
      added_at timestamptz not null, removed boolean not null, exceptions jsonb not null, primary key (id))`);
    this.addSql('create index group_file_by_group on group_file (group_id, removed, name, id)');
  }
}
