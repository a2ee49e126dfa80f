import { randomUUID } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type { Database } from '../../shared/database/database.js';
import { Batcher } from '../../shared/batching/batcher.js';
import { BatchLoader } from '../../shared/batching/batch-loader.js';
import { lines, uuids } from '../../shared/database/lists.js';
import type { EmailAddress } from '../../shared/mail/email-address.js';
import { type PersonKey, randomBytes } from '../../shared/crypto/sealing.js';
import { PersonSealing, type PersonSecrets } from './person-sealing.js';

/**
 * The table is no read model. It holds the keys of the log's sealed fields, so without it nobody can read them.
 * Operators back it up apart from the log. Its index of hashes decides who has an address. A person who changes theirs
 * has further rows, which are no people and have no key: `PersonAddresses` keeps them.
 */
export const PersonTable = defineEntity({
  name: 'person',
  properties: {
    id: p.uuid().primary(),
    /** HMAC of the normalised address; null after an erasure. */
    email_hash: p.text().unique().nullable(),
    /** The address, sealed by the master key and not by the person's, so that reading it unwraps no key. */
    sealed_email: p.text().nullable(),
    /** The person's data key, sealed by the master key; null after an erasure. */
    wrapped_key: p.text().nullable(),
    /** The person whom a further address means. Null: the row is a person. */
    address_of: p.uuid().nullable(),
    /** How long a former address means the person. Null: it is none. */
    former_until: p.datetime().$type<string>().nullable(),
    /** Id of the change under way that needs this address, and since when it holds it. */
    held_by: p.uuid().nullable(),
    held_at: p.datetime().$type<string>().nullable(),
    /** How many changes of the address the row follows. Null: none. */
    address_changes: p.integer().nullable(),
  },
  indexes: [
    {
      name: 'person_address_of',
      expression: 'create index person_address_of on person (address_of) where address_of is not null',
    },
    { name: 'person_held', expression: 'create index person_held on person (held_at) where held_by is not null' },
  ],
});
export type PersonTables = InferKyselyDB<typeof PersonTable>;

/**
 * A recorded person. The first use of `key` unwraps it. `isMailable` says whether the address is valid, because older
 * versions stored invalid ones.
 */
export interface KnownPerson extends PersonKey {
  readonly email: EmailAddress;
}

/** A recorded person, or a new one. */
export interface PersonOrNew extends KnownPerson {
  /**
   * Present for a new person, whose id nobody else knows yet. The caller must record the row no later than the first
   * events about them.
   */
  readonly newPersonRow?: PersonRow | undefined;
}

/** A row of a new person. */
export interface PersonRow {
  id: string;
  email_hash: string | null;
  sealed_email: string | null;
  wrapped_key: string | null;
}

/** A row as it is stored, of a person or of a further address. */
type StoredRow = PersonRow & { address_of: string | null };

const MAX_CONCURRENT_BATCHES = 2;
const MAX_KEYS = 1000;
/** `resolve` takes so few people for new without a lookup, because an unused key costs less than a statement. */
const FEW = 5;

/** Finds and records people, with the keys of their sealed fields. Concurrent callers share queries. */
export class People {
  private readonly byHash: BatchLoader<StoredRow>;
  private readonly byId: BatchLoader<StoredRow>;
  /** Returns whether a row was recorded; false when another call recorded the address a moment before. */
  private readonly recorder: Batcher<PersonRow, boolean>;
  private readonly sealing: PersonSealing;

  constructor(
    private readonly database: Database,
    secrets: PersonSecrets,
  ) {
    this.sealing = new PersonSealing(secrets);
    const maxConcurrentBatches = database.embedded ? 1 : MAX_CONCURRENT_BATCHES;
    const readerBy = (column: 'email_hash' | 'id'): BatchLoader<StoredRow> =>
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

  /**
   * Finds people by the addresses that mean them, of which `email` is the present one. Records nobody. The result lacks
   * unknown addresses.
   */
  async find(emails: readonly EmailAddress[]): Promise<Map<EmailAddress, KnownPerson>> {
    const asked = emails.map((email) => [email, this.sealing.hashOf(email)] as const);
    const rows = await this.byHash.read(asked.map(([, hash]) => hash));
    const owners = await this.ownersOf([...rows.values()].flat());
    return new Map(
      asked.flatMap(([email, hash]) => {
        const [row] = rows.get(hash) ?? [];
        const [person] = row ? this.opened([row.address_of === null ? row : (owners.get(row.address_of) ?? row)]) : [];
        return person ? [[email, person] as const] : [];
      }),
    );
  }

  /**
   * Returns the person of each address in their order, a new one for each unknown address. Records nobody. Two
   * addresses may mean one person.
   * @param emails each once
   * @param lookFirst whether to look them up. Without a lookup a known person may be returned as new, which `record`
   * finds out.
   */
  async resolve(emails: readonly EmailAddress[], lookFirst = emails.length > FEW): Promise<PersonOrNew[]> {
    const known = lookFirst ? await this.find(emails) : new Map<EmailAddress, KnownPerson>();
    return emails.map((email) => known.get(email) ?? this.newPerson(email));
  }

  /**
   * Records new people, and resolves after the commit.
   * @returns for each row whether it is recorded; false when another person has the address
   */
  async record(newPersonRows: readonly PersonRow[]): Promise<boolean[]> {
    return this.recorder.call(newPersonRows);
  }

  /** Finds people by address and records the unknown ones. Resolves after the commit. */
  async getOrCreate(emails: readonly EmailAddress[]): Promise<Map<EmailAddress, KnownPerson>> {
    const asked = [...new Set(emails)];
    const resolved = await this.resolve(asked);
    const newPersonRows = resolved.flatMap(({ newPersonRow: newPersonRow }) => newPersonRow ?? []);
    const isOurs = await this.record(newPersonRows);
    const lost = new Set(newPersonRows.filter((_, n) => !isOurs[n]).map(({ id }) => id));
    const found = await this.find(resolved.filter(({ personId }) => lost.has(personId)).map(({ email }) => email));
    return new Map(
      asked.flatMap((email, n) => (resolved[n] ? [[email, found.get(email) ?? resolved[n]] as const] : [])),
    );
  }

  /**
   * Addresses and keys by personId. The result lacks unknown and erased people, because nobody can open fields sealed
   * for them.
   */
  async getByIds(personIds: readonly string[]): Promise<Map<string, KnownPerson>> {
    const rows = await this.byId.read(personIds);
    return new Map(this.opened([...rows.values()].flat()).map((person) => [person.personId, person]));
  }

  /**
   * The name of the secret that doesn't fit the recorded people, tested on one of them. Null when both fit, or nobody
   * is recorded.
   */
  async otherSecret(): Promise<'MASTER_KEY' | 'PERSON_SECRET' | null> {
    const row = await this.database
      .kysely<PersonTables>()
      .selectFrom('person')
      .selectAll()
      .where('wrapped_key', 'is not', null)
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    if (!row) return null;
    try {
      const [person] = this.opened([row]);
      return !person || this.sealing.hashOf(person.email) === row.email_hash ? null : 'PERSON_SECRET';
    } catch {
      return 'MASTER_KEY';
    }
  }

  /** The people whom further addresses mean, by id. Reads only if there are such addresses. */
  private async ownersOf(rows: readonly StoredRow[]): Promise<Map<string, StoredRow>> {
    const ids = rows.flatMap(({ address_of: personId }) => personId ?? []);
    if (ids.length === 0) return new Map();
    return new Map([...(await this.byId.read(ids)).values()].flat().map((row) => [row.id, row]));
  }

  private async rowsBy(column: 'email_hash' | 'id', keys: string[]): Promise<StoredRow[]> {
    const asked =
      column === 'id' ? sql<boolean>`id = any(${uuids(keys)})` : sql<boolean>`email_hash = any(${lines(keys)})`;
    return this.database
      .kysely<PersonTables>()
      .selectFrom('person')
      .select(['id', 'email_hash', 'sealed_email', 'wrapped_key', 'address_of'])
      .where(asked)
      .execute();
  }

  /**
   * Uses one statement for the whole batch. It orders the rows, so that two processes with the same addresses can't
   * deadlock.
   */
  private async insert(people: readonly PersonRow[]): Promise<boolean[]> {
    const { rows } = await sql<{ id: string }>`insert into person (id, email_hash, sealed_email, wrapped_key)
      select id, email_hash, sealed_email, wrapped_key from json_populate_recordset(null::person, ${JSON.stringify(people)}::json)
      order by email_hash
      on conflict (email_hash) do nothing returning id`.execute(this.database.kysely<PersonTables>());
    const stored = new Set(rows.map(({ id }) => id));
    return people.map(({ id }) => stored.has(id));
  }

  private newPerson(email: EmailAddress): Person {
    const personId = randomUUID();
    const key = randomBytes(32);
    const row = {
      id: personId,
      email_hash: this.sealing.hashOf(email),
      sealed_email: this.sealing.sealEmail(personId, email),
      wrapped_key: this.sealing.sealKey(personId, key),
    };
    return new Person(personId, email, () => key, row);
  }

  private opened(rows: readonly PersonRow[]): Person[] {
    return rows.flatMap(({ id, sealed_email: sealedEmail, wrapped_key: wrappedKey }) => {
      if (wrappedKey === null || sealedEmail === null) return [];
      const unwrap = (): Buffer => this.sealing.openKey(id, wrappedKey);
      return [new Person(id, this.sealing.openEmail(id, sealedEmail, unwrap), unwrap)];
    });
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
