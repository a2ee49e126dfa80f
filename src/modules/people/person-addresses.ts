import { randomUUID } from 'node:crypto';
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Database } from '../../shared/database/database.js';
import { lines } from '../../shared/database/lists.js';
import type { EmailAddress } from '../../shared/mail/email-address.js';
import type { PersonTables } from './people.js';
import type { PersonSealing } from './person-sealing.js';

/** The addresses that mean a person, as the person's stream says. */
export interface AddressesOfPerson {
  present: EmailAddress;
  former: readonly { address: EmailAddress; until: string }[];
  /** How many changes they follow. Rows never go back to fewer. */
  changes: number;
}

/** `busy`: another change of the same person holds the address. `taken`: it means somebody else. */
export type HoldOutcome = 'held' | 'busy' | 'taken';

type Db = Kysely<PersonTables>;

/** Former addresses that end in one turn of the sweep. */
const MAX_ENDED = 500;

/**
 * The further rows of `person`: former addresses, and those that a change under way holds. A row decides who is found by
 * its address, so no query compares times. Source: ADR 0045
 */
export class PersonAddresses {
  constructor(
    private readonly database: Database,
    private readonly sealing: PersonSealing,
  ) {}

  /**
   * Reserves an address for a person, who is found by it from then on. It may be free, a former one, or the present one.
   * @param holdId a new id, by which `release` knows this hold
   */
  async hold(personId: string, address: EmailAddress, holdId: string): Promise<HoldOutcome> {
    const hash = this.sealing.hashOf(address);
    const { rows } = await sql`insert into person (id, email_hash, address_of, held_by, held_at)
      values (${randomUUID()}, ${hash}, ${personId}, ${holdId}, now())
      on conflict (email_hash) do update set held_by = excluded.held_by, held_at = excluded.held_at
        where excluded.address_of in (person.id, person.address_of) and person.held_by is null
      returning id`.execute(this.db());
    if (rows.length > 0) return 'held';
    const row = await this.db()
      .selectFrom('person')
      .select(['id', 'address_of'])
      .where('email_hash', '=', hash)
      .executeTakeFirst();
    // Without a row, the hold that was in the way has just ended.
    return row === undefined || personId === (row.address_of ?? row.id) ? 'busy' : 'taken';
  }

  /** Ends one hold. The address means the person no longer, unless it is a former or the present one. Idempotent. */
  async release(personId: string, holdId: string): Promise<void> {
    await this.endHolds(personId, sql<boolean>`held_by = ${holdId}`);
  }

  /** The people whose addresses a call has held since before this moment. A crash may have ended that call. */
  async heldSinceBefore(moment: Date): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`select distinct coalesce(address_of, id) as id from person
      where held_by is not null and held_at <= ${moment.toISOString()}::timestamptz`.execute(this.db());
    return rows.map(({ id }) => id);
  }

  /** Ends the holds of a person that are older. */
  async releaseHeldBefore(personId: string, moment: Date): Promise<void> {
    await this.endHolds(personId, sql<boolean>`held_at <= ${moment.toISOString()}::timestamptz`);
  }

  /**
   * Makes the rows of a person as their stream says, in one transaction. Does nothing if they follow as many changes.
   * Holds stay, except that of the address which becomes the present one.
   */
  async settle(personId: string, { present, former, changes }: AddressesOfPerson): Promise<void> {
    const hash = this.sealing.hashOf(present);
    const others = former.map(({ address, until }) => ({ hash: this.sealing.hashOf(address), until }));
    const kept = lines(others.map((one) => one.hash));
    await this.ofOnePerson(personId, async (trx, done) => {
      if (done >= changes) return;
      // The address leaves its further row before the person's own row takes it, because the index is unique.
      await sql`delete from person where address_of = ${personId} and email_hash = ${hash}`.execute(trx);
      await sql`update person set email_hash = ${hash}, sealed_email = ${this.sealing.sealEmail(personId, present)},
        address_changes = ${changes} where id = ${personId}`.execute(trx);
      for (const one of others)
        await sql`insert into person (id, email_hash, address_of, former_until)
          values (${randomUUID()}, ${one.hash}, ${personId}, ${one.until})
          on conflict (email_hash) do update set former_until = excluded.former_until
            where person.address_of = excluded.address_of`.execute(trx);
      await sql`delete from person where address_of = ${personId} and held_by is null and not email_hash = any(${kept})`.execute(
        trx,
      );
      await sql`update person set former_until = null where address_of = ${personId} and not email_hash = any(${kept})`.execute(
        trx,
      );
    });
  }

  /** Ends former addresses whose time is over. One that a change holds stays. */
  async endFormer(now: Date): Promise<void> {
    const isOver = sql<boolean>`address_of is not null and held_by is null and former_until <= ${now.toISOString()}::timestamptz`;
    const { rows } = await sql<{ id: string }>`select id from person where ${isOver} limit ${MAX_ENDED}`.execute(
      this.db(),
    );
    // One row a statement, because locks of several rows could meet those of `settle` in another order.
    for (const { id } of rows) await sql`delete from person where id = ${id} and ${isOver}`.execute(this.db());
  }

  private async endHolds(personId: string, which: RawBuilder<boolean>): Promise<void> {
    await this.ofOnePerson(personId, async (trx) => {
      await sql`delete from person
        where address_of = ${personId} and former_until is null and held_by is not null and ${which}`.execute(trx);
      await sql`update person set held_by = null, held_at = null
        where (address_of = ${personId} or id = ${personId}) and held_by is not null and ${which}`.execute(trx);
    });
  }

  /** Locks the person's own row first, so that two calls about one person can't deadlock. */
  private async ofOnePerson(personId: string, work: (trx: Db, changes: number) => Promise<void>): Promise<void> {
    await this.database.transaction<PersonTables, void>(async (trx) => {
      const { rows } = await sql<{ changes: number | null }>`select address_changes as changes from person
        where id = ${personId} for update`.execute(trx);
      if (rows[0]) await work(trx, rows[0].changes ?? 0);
    });
  }

  private db(): Db {
    return this.database.kysely<PersonTables>();
  }
}
