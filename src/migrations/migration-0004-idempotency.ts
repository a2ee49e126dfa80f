import { Migration } from '@mikro-orm/migrations';

/** Calls that were made with an Idempotency-Key, and their answers. */
export class IdempotencyMigration extends Migration {
  override up(): void {
    this.addSql(`create table idempotent_call (
      id text not null,
      fingerprint text not null,
      command_id uuid not null,
      holder uuid,
      lease_until timestamptz,
      attempts int not null,
      answer text,
      expires_at timestamptz not null,
      primary key (id)
    )`);
    this.addSql('create index idempotent_call_expires_at_index on idempotent_call (expires_at)');
  }
}
