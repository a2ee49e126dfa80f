import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Database } from '../database/database.js';
import type { EmailAddress } from './email-address.js';
import { open, openBytes, seal, type PersonKey } from './sealing.js';

/** Not a read model: backed up with the log, apart from it, because without its keys the log's sealed fields are noise. */
export const PersonTable = defineEntity({
  name: 'person',
  properties: {
    id: p.uuid().primary(),
    /** HMAC of the normalised address; null once erased. */
    email_hash: p.text().unique().nullable(),
    sealed_email: p.text().nullable(),
    /** The person's data key under the master key; null once erased. */
    wrapped_key: p.text().nullable(),
  },
});
type Tables = InferKyselyDB<typeof PersonTable>;

export interface KnownPerson extends PersonKey {
  email: EmailAddress;
}

/** Who is behind a personId, and the keys that open what was sealed for them. */
export class People {
  constructor(
    private readonly database: Database,
    private readonly secrets: { masterKey: Buffer; personSecret: Buffer },
  ) {}

  /** Finds people by address; records nothing. The answer has only the known ones. */
  async find(emails: readonly EmailAddress[]): Promise<Map<EmailAddress, KnownPerson>> {
    if (emails.length === 0) return new Map();
    const hashes = JSON.stringify(emails.map((email) => this.hash(email)));
    const rows = await this.database
      .kysely<Tables>()
      .selectFrom('person')
      .selectAll()
      .where('email_hash', 'in', sql<string>`(select json_array_elements_text(${hashes}::json))`)
      .execute();
    return new Map(rows.flatMap((row) => this.opened(row)).map((person) => [person.email, person]));
  }

  /** Finds people by address and records those who were unknown, in one statement, committed when this resolves. */
  async ensure(emails: readonly EmailAddress[]): Promise<Map<EmailAddress, KnownPerson>> {
    const known = await this.find(emails);
    const missing = [...new Set(emails)].filter((email) => !known.has(email));
    if (missing.length === 0) return known;
    const rows = JSON.stringify(missing.map((email) => this.newRow(email)));
    // In one order, so that two calls with the same addresses wait for each other instead of deadlocking.
    await sql`insert into person (id, email_hash, sealed_email, wrapped_key)
      select id, email_hash, sealed_email, wrapped_key from json_populate_recordset(null::person, ${rows}::json)
      order by email_hash
      on conflict (email_hash) do nothing`.execute(this.database.kysely<Tables>());
    for (const [email, person] of await this.find(missing)) known.set(email, person);
    return known;
  }

  /** Addresses and keys by personId. Someone unknown or erased is missing from the answer: what was sealed for them can't be opened. */
  async reveal(personIds: readonly string[]): Promise<Map<string, KnownPerson>> {
    if (personIds.length === 0) return new Map();
    const ids = JSON.stringify([...new Set(personIds)]);
    const rows = await this.database
      .kysely<Tables>()
      .selectFrom('person')
      .selectAll()
      .where('id', 'in', sql<string>`(select json_array_elements_text(${ids}::json)::uuid)`)
      .execute();
    return new Map(rows.flatMap((row) => this.opened(row)).map((person) => [person.personId, person]));
  }

  private newRow(email: EmailAddress): Tables['person'] extends infer Row ? { [Column in keyof Row]: string } : never {
    const id = randomUUID();
    const key = randomBytes(32);
    return {
      id,
      email_hash: this.hash(email),
      sealed_email: seal(key, `${id}|email`, email),
      wrapped_key: seal(this.secrets.masterKey, `${id}|key`, key),
    };
  }

  private opened(row: { id: string; sealed_email: string | null; wrapped_key: string | null }): KnownPerson[] {
    if (row.wrapped_key === null || row.sealed_email === null) return [];
    const key = openBytes(this.secrets.masterKey, `${row.id}|key`, row.wrapped_key);
    return [{ personId: row.id, key, email: open(key, `${row.id}|email`, row.sealed_email) as EmailAddress }];
  }

  private hash(email: EmailAddress): string {
    return createHmac('sha256', this.secrets.personSecret).update(email).digest('base64url');
  }
}
