import { Migration } from '@mikro-orm/migrations';

/** What is invited in a day and asked about in an hour is counted. */
export class MailMannersMigration extends Migration {
  override up(): void {
    this.addSql('create table invitation_quota (kind text not null, id uuid not null, since timestamptz not null, used int not null, primary key (kind, id))');
    this.addSql('create table preview_sketch (person_id uuid not null, since timestamptz not null, seen varbit not null, primary key (person_id))');
  }
}
