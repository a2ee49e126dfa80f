import { Migration } from '@mikro-orm/migrations';

/** What is invited in a day and asked about in an hour is counted; and who wants no invitations of an organisation by mail is listed. */
export class MailMannersMigration extends Migration {
  override up(): void {
    this.addSql(
      'create table invitation_quota (kind text not null, id uuid not null, since timestamptz not null, used int not null, primary key (kind, id))',
    );
    this.addSql(
      'create table preview_sketch (person_id uuid not null, since timestamptz not null, seen varbit not null, primary key (person_id))',
    );
    this.addSql(
      'create table unsubscription (id uuid not null, person_id uuid not null, organisation_id uuid null, unsubscribed boolean not null, at timestamptz not null, primary key (id))',
    );
  }
}
