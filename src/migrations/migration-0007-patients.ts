import { Migration } from '@mikro-orm/migrations';

/** Read models of patients and of the links they come by, and who invited first: who may see whose address. */
export class PatientsMigration extends Migration {
  override up(): void {
    this.addSql('alter table invitation add column invited_by text null');
    this.addSql(`create table patient (
      id uuid not null, person_id uuid not null, deployment_id uuid not null, organisation_id uuid null, status text not null,
      since timestamptz null, expires_at timestamptz null, offboarded_at timestamptz null, primary key (id))`);
    this.addSql('create index patient_person_id_index on patient (person_id)');
    this.addSql(`create table patient_link (
      id uuid not null, deployment_id uuid not null, name text null, expires_at timestamptz not null, max_uses int null, uses int not null,
      revoked boolean not null, created_at timestamptz not null, created_by text not null, primary key (id))`);
    this.addSql('create index patient_link_by_deployment on patient_link (deployment_id, created_at, id)');
    this.addSql('create index patient_by_deployment on patient (deployment_id, status, since, id)');
  }
}
