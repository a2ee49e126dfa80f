import { Migration } from '@mikro-orm/migrations';

/** Read model of patients, and who invited first: who may see whose address. */
export class PatientsMigration extends Migration {
  override up(): void {
    this.addSql('alter table invitation add column invited_by text null');
    this.addSql(`create table patient (
      id uuid not null, person_id uuid not null, deployment_id uuid not null, organisation_id uuid null, status text not null,
      since timestamptz null, expires_at timestamptz null, offboarded_at timestamptz null, primary key (id))`);
    this.addSql('create index patient_person_id_index on patient (person_id)');
    this.addSql('create index patient_by_deployment on patient (deployment_id, status, since, id)');
  }
}
