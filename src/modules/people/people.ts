import { createHmac, createSecretKey, randomUUID, type KeyObject } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Database } from '../../shared/database/database.js';
import { Batcher } from '../../shared/batching/batcher.js';
import { BatchLoader } from '../../shared/batching/batch-loader.js';
import { lines, uuids } from '../../shared/database/lists.js';
import type { EmailAddress } from '../../shared/mail/email-address.js';
import { randomBytes } from '../../shared/crypto/random-bytes.js';
import { open, openBytes, seal, type PersonKey } from '../../shared/crypto/sealing.js';

/**
 * Not a read model. It is backed up apart from the log, because without its keys the log's sealed fields can't be read.
 */
export const PersonTable = defineEntity({
  name: 'person',
  properties: {
    id: p.uuid().primary(),
    /** HMAC of the normalised address; null once erased. */
    email_hash: p.text().unique().nullable(),
    /** Sealed by the master key, like the key beside it, so that reading an address unseals nothing else. */
    sealed_email: p.text().nullable(),
    /** The person's data key, sealed by the master key; null once erased. */
    wrapped_key: p.text().nullable(),
  },
});
type Tables = InferKyselyDB<typeof PersonTable>;

/** The key is unwrapped on first use. An older version may have stored an invalid address, which `isMailable` tells. */
export interface KnownPerson extends PersonKey {
  readonly email: EmailAddress;
}

/** A person who is recorded, or a new one who is about to be. */
export interface PersonOrNew extends KnownPerson {
  /**
   * Present for a new person whose id nobody else can know yet. The row must be recorded with whatever is stored about
   * them.
   */
  readonly newPersonRow?: PersonRow | undefined;
}

/** A row of `person`. */
export interface PersonRow {
  id: string;
  email_hash: string | null;
  sealed_email: string | null;
  wrapped_key: string | null;
}

const MAX_CONCURRENT_BATCHES = 2;
const MAX_KEYS = 1000;
/** So few people count as new without a lookup, because an unused key costs less than a statement. */
const FEW = 5;

/**
 * The people behind personIds, and the keys that open what was sealed for them. Concurrent callers share their queries.
 */
export class People {
  private readonly byHash: BatchLoader<PersonRow>;
  private readonly byId: BatchLoader<PersonRow>;
  /** Returns whether a row was recorded; false when another call recorded the address a moment before. */
  private readonly recorder: Batcher<PersonRow, boolean>;
  private readonly masterKey: KeyObject;
  private readonly personSecret: KeyObject;

  constructor(
    private readonly database: Database,
    secrets: { masterKey: Buffer; personSecret: Buffer },
  ) {
    this.masterKey = createSecretKey(secrets.masterKey);
    this.personSecret = createSecretKey(secrets.personSecret);
    const maxConcurrentBatches = database.embedded ? 1 : MAX_CONCURRENT_BATCHES;
    const readerBy = (column: 'email_hash' | 'id'): BatchLoader<PersonRow> =>
      new BatchLoader({
        maxConcurrentBatches,
        maxBatchSize: MAX_KEYS,
        query: async (keys) => this.rowsBy(column, keys),
        keyOf: (row) => row[column] ?? '',
      });
    this.byHash = readerBy('email_hash');
    this.byId = readerBy('id');
    this.recorder = new Batcher({
      maxConcurrentBatches: 1,
      maxBatchSize: MAX_KEYS,
      run: async (rows) => this.insert(rows),
    });
  }

  /** Finds people by address. Records nothing; unknown addresses are missing. */
  async find(emails: readonly EmailAddress[]): Promise<Map<EmailAddress, KnownPerson>> {
    const rows = await this.byHash.read(emails.map((email) => this.hash(email)));
    return new Map(this.opened([...rows.values()].flat()).map((person) => [person.email, person]));
  }

  /**
   * One person per address, a new one for each unknown address. Records nothing.
   * @param emails each once
   * @param lookFirst whether they are looked up. Without a lookup a known person may look new; recording tells.
   */
  async resolve(emails: readonly EmailAddress[], lookFirst = emails.length > FEW): Promise<PersonOrNew[]> {
    const known = lookFirst ? await this.find(emails) : new Map<EmailAddress, KnownPerson>();
    return emails.map((email) => known.get(email) ?? this.newPerson(email));
  }

  /**
   * Records new people, committed when this resolves.
   * @returns for each whether it is recorded; false when the address belongs to a recorded person
   */
  async record(newPersonRows: readonly PersonRow[]): Promise<boolean[]> {
    return this.recorder.call(newPersonRows);
  }

  /** Finds people by address and records the unknown ones, committed when this resolves. */
  async getOrCreate(emails: readonly EmailAddress[]): Promise<Map<EmailAddress, KnownPerson>> {
    const resolved = await this.resolve([...new Set(emails)]);
    const newPersonRows = resolved.flatMap(({ newPersonRow: newPersonRow }) => newPersonRow ?? []);
    const isOurs = await this.record(newPersonRows);
    const lost = new Set(newPersonRows.filter((_, n) => !isOurs[n]).map(({ id }) => id));
    const found = await this.find(resolved.filter(({ personId }) => lost.has(personId)).map(({ email }) => email));
    return new Map(resolved.map((person) => [person.email, found.get(person.email) ?? person]));
  }

  /**
   * Addresses and keys by personId. Unknown and erased people are missing, because what was sealed for them can't be
   * opened.
   */
  async getByIds(personIds: readonly string[]): Promise<Map<string, KnownPerson>> {
    const rows = await this.byId.read(personIds);
    return new Map(this.opened([...rows.values()].flat()).map((person) => [person.personId, person]));
  }

  /**
   * The secret that differs from the one people were recorded with, by looking at one person. Null when both fit, or
   * nobody is recorded.
   */
  async otherSecret(): Promise<'MASTER_KEY' | 'PERSON_SECRET' | null> {
    const row = await this.database
      .kysely<Tables>()
      .selectFrom('person')
      .selectAll()
      .where('wrapped_key', 'is not', null)
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    if (!row) return null;
    try {
      const [person] = this.opened([row]);
      return !person || this.hash(person.email) === row.email_hash ? null : 'PERSON_SECRET';
    } catch {
      return 'MASTER_KEY';
    }
  }

  private async rowsBy(column: 'email_hash' | 'id', keys: string[]): Promise<PersonRow[]> {
    const asked =
      column === 'id' ? sql<boolean>`id = any(${uuids(keys)})` : sql<boolean>`email_hash = any(${lines(keys)})`;
    return this.database.kysely<Tables>().selectFrom('person').selectAll().where(asked).execute();
  }

  /**
   * One statement for the whole batch. Rows are in one order, so that two processes with the same addresses can't
   * deadlock.
   */
  private async insert(people: readonly PersonRow[]): Promise<boolean[]> {
    const { rows } = await sql<{ id: string }>`insert into person (id, email_hash, sealed_email, wrapped_key)
      select id, email_hash, sealed_email, wrapped_key from json_populate_recordset(null::person, ${JSON.stringify(people)}::json)
      order by email_hash
      on conflict (email_hash) do nothing returning id`.execute(this.database.kysely<Tables>());
    const stored = new Set(rows.map(({ id }) => id));
    return people.map(({ id }) => stored.has(id));
  }

  private newPerson(email: EmailAddress): Person {
    const personId = randomUUID();
    const key = randomBytes(32);
    const row = {
      id: personId,
      email_hash: this.hash(email),
      sealed_email: seal(this.masterKey, `${personId}|email`, email),
      wrapped_key: seal(this.masterKey, `${personId}|key`, key),
    };
    return new Person(personId, email, () => key, row);
  }

  private opened(rows: readonly PersonRow[]): Person[] {
    return rows.flatMap(({ id, sealed_email: sealedEmail, wrapped_key: wrappedKey }) => {
      if (wrappedKey === null || sealedEmail === null) return [];
      const unwrap = (): Buffer => openBytes(this.masterKey, `${id}|key`, wrappedKey);
      return [new Person(id, this.emailIn(id, sealedEmail, unwrap), unwrap)];
    });
  }

  /** @throws when neither key opens it */
  private emailIn(id: string, sealedEmail: string, unwrap: () => Buffer): EmailAddress {
    try {
      return open(this.masterKey, `${id}|email`, sealedEmail) as EmailAddress;
    } catch {
      // Earlier versions sealed the address under the person's own key.
      return open(unwrap(), `${id}|email`, sealedEmail) as EmailAddress;
    }
  }

  private hash(email: EmailAddress): string {
    return createHmac('sha256', this.personSecret).update(email).digest('base64url');
  }
}

class Person implements PersonOrNew {
  private unwrapped: Buffer | undefined;

  constructor(
    readonly personId: string,
    readonly email: EmailAddress,
    private readonly unwrap: () => Buffer,
    readonly newPersonRow?: PersonRow,
  ) {}

  get key(): Buffer {
    return (this.unwrapped ??= this.unwrap());
  }
}
