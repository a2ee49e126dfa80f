import { Migration } from '@mikro-orm/migrations';

/** Read models of invitation calls. A version before this one passes over their streams. */
export class InvitationBatchesMigration extends Migration {
  override up(): void {
    this.addSql(`create table invitation_batch (
      id uuid not null,
      kind text not null,
      scope_kind text not null,
      scope_id uuid not null,
      organisation_id uuid,
      issued_by text not null,
      at timestamptz not null,
      recipients int,
      outcomes jsonb,
      not_reached int,
      primary key (id)
    )`);
    this.addSql('create index invitation_batch_by_organisation on invitation_batch (organisation_id, at, id)');
    this.addSql('create index invitation_batch_by_scope on invitation_batch (scope_id, at, id)');
    this.addSql('create table invitation_batch_item (id uuid not null, batch_id uuid not null, primary key (id))');
    this.addSql('create index invitation_batch_item_batch_id_index on invitation_batch_item (batch_id)');
  }
}
