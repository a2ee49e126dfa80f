import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { EmailAddress } from '../../../src/shared/mail/email-address.js';
import { seal } from '../../../src/shared/crypto/sealing.js';
import { People, type KnownPerson } from '../../../src/modules/people/people.js';
import { describeOnEngines, type TestDatabase } from '../../support/engines.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const secrets = { masterKey: randomBytes(32), personSecret: randomBytes(32) };

let counter = 0;
function addresses(count: number): EmailAddress[] {
  counter += 1;
  return Array.from({ length: count }, (_, n) => `person-${String(counter)}-${String(n)}@example.test` as EmailAddress);
}

describeOnEngines('people', (engine) => {
  let place: TestDatabase;
  let people: People;
  beforeAll(async () => {
    place = await engine.openDatabase();
    people = new People(place.database, secrets);
  });
  afterAll(async () => {
    await place.close();
  });

  async function rows(): Promise<Record<string, string>[]> {
    return (await sql<Record<string, string>>`select * from person order by id`.execute(place.database.kysely())).rows;
  }

  it('are recorded under a random id and found again by address and by id', async () => {
    const [ann, bob] = addresses(2) as [EmailAddress, EmailAddress];
    const recorded = await people.getOrCreate([ann, bob]);
    expect([...recorded.keys()].sort()).toEqual([ann, bob]);
    const found = await people.find([bob, ann]);
    expect([...found.values()].map(plain).sort(byEmail)).toEqual([...recorded.values()].map(plain).sort(byEmail));
    const { personId, key } = recorded.get(ann)!;
    expect(personId).toMatch(UUID);
    expect(key).toHaveLength(32);
    expect(key).not.toEqual(recorded.get(bob)!.key);
    expect([...(await people.getByIds([personId])).values()].map(plain)).toEqual([plain(recorded.get(ann)!)]);
  });

  it('keep their id and key when getOrCreate is called again', async () => {
    const [ann, bob] = addresses(2) as [EmailAddress, EmailAddress];
    const first = await people.getOrCreate([ann]);
    const again = await people.getOrCreate([ann, bob, ann, bob]);
    expect(plain(again.get(ann)!)).toEqual(plain(first.get(ann)!));
    expect(again.size).toBe(2);
  });

  it('are resolved without being recorded, as known people or as new people', async () => {
    const [ann, bob] = addresses(2) as [EmailAddress, EmailAddress];
    const known = (await people.getOrCreate([ann])).get(ann)!;
    const before = await rows();
    const [resolvedAnn, resolvedBob] = await people.resolve([ann, bob], true);
    expect(plain(resolvedAnn!)).toEqual(plain(known));
    expect([resolvedAnn!.newPersonRow, resolvedBob!.newPersonRow?.id, resolvedBob!.email]).toEqual([
      undefined,
      resolvedBob!.personId,
      bob,
    ]);
    const [takenForNew] = await people.resolve([ann]);
    expect(takenForNew!.newPersonRow?.id).not.toBe(known.personId);
    expect(await rows()).toEqual(before);
    expect(await people.record([resolvedBob!.newPersonRow!, takenForNew!.newPersonRow!])).toEqual([true, false]);
    expect(plain((await people.find([bob])).get(bob)!)).toEqual(plain(resolvedBob!));
  });

  it('are not recorded by a search for them', async () => {
    const before = await rows();
    const [stranger] = addresses(1) as [EmailAddress];
    expect(await people.find([stranger])).toEqual(new Map());
    expect(await people.find([])).toEqual(new Map());
    expect(await people.getOrCreate([])).toEqual(new Map());
    expect(await people.getByIds([])).toEqual(new Map());
    expect(await people.getByIds(['99999999-0000-4000-8000-000000000001'])).toEqual(new Map());
    expect(await rows()).toEqual(before);
  });

  it('are stored without a readable address or key', async () => {
    const [ann] = addresses(1) as [EmailAddress];
    const { key } = (await people.getOrCreate([ann])).get(ann)!;
    const stored = JSON.stringify(await rows());
    for (const form of [ann, Buffer.from(ann).toString('base64url'), key.toString('base64url'), key.toString('hex')])
      expect(stored).not.toContain(form);
  });

  it('are found by an internationalised address', async () => {
    const juergen = 'jürgen@xn--kln-sna.example' as EmailAddress;
    expect((await people.getOrCreate([juergen])).get(juergen)?.email).toBe(juergen);
    expect((await people.find([juergen])).has(juergen)).toBe(true);
  });

  it('can be 10,000 in one call', async () => {
    const many = addresses(10_000);
    const recorded = await people.getOrCreate(many);
    expect(recorded.size).toBe(10_000);
    expect(new Set([...recorded.values()].map(({ personId }) => personId)).size).toBe(10_000);
    const foundByIds = await people.getByIds([...recorded.values()].map(({ personId }) => personId));
    expect([...foundByIds.values()].map(({ email }) => email).sort()).toEqual([...many].sort());
  });

  it('get one id when several calls record the same addresses at once, in different orders', async () => {
    const same = addresses(500);
    const answers = await Promise.all(
      [same, same.toReversed(), same, same.toReversed()].map(async (order) => people.getOrCreate(order)),
    );
    const ids = answers.map((answer) => same.map((email) => answer.get(email)?.personId));
    expect(new Set(ids.map((list) => list.join())).size).toBe(1);
    expect(ids[0]).not.toContain(undefined);
  });

  // PGlite has one connection, so no other transaction can stay open beside it.
  if (engine.name === 'PostgreSQL') {
    it('are recorded without a deadlock when two calls share addresses in opposite orders', async () => {
      const [ann, held, bob] = addresses(3) as [EmailAddress, EmailAddress, EmailAddress];
      const hash = createHmac('sha256', secrets.personSecret).update(held).digest('base64url');
      const calls = Promise.withResolvers<Map<EmailAddress, { personId: string }>[]>();
      await place.database.transaction(async (trx) => {
        await sql`insert into person (id, email_hash) values (${randomUUID()}, ${hash})`.execute(trx);
        // The two instances stand for two processes, because one instance would batch both calls into one statement.
        calls.resolve(
          Promise.all(
            [people, new People(place.database, secrets)].map(async (instance, n) =>
              instance.getOrCreate(n === 0 ? [ann, held, bob] : [bob, held, ann]),
            ),
          ),
        );
        calls.promise.catch(() => undefined);
        while ((await waiting(place)) < 2);
        await sql`delete from person where email_hash = ${hash}`.execute(trx);
      });
      const [one, other] = await calls.promise;
      for (const [email, { personId }] of one!) expect(other!.get(email)?.personId).toBe(personId);
      expect([...one!.keys()].sort()).toEqual([ann, held, bob].sort());
    });
  }

  it('cannot be read with another master key, which overwrites nothing', async () => {
    const [ann] = addresses(1) as [EmailAddress];
    const { personId } = (await people.getOrCreate([ann])).get(ann)!;
    const before = await rows();
    const other = new People(place.database, { ...secrets, masterKey: randomBytes(32) });
    await expect(other.find([ann])).rejects.toMatchObject({ message: expect.stringContaining('authenticate') });
    await expect(other.getOrCreate([ann])).rejects.toMatchObject({ message: expect.stringContaining('authenticate') });
    await expect(other.getByIds([personId])).rejects.toMatchObject({
      message: expect.stringContaining('authenticate'),
    });
    expect(await rows()).toEqual(before);
  });

  it('are found if an older version sealed their address with their own key', async () => {
    const [ann] = addresses(1) as [EmailAddress];
    const before = plain((await people.getOrCreate([ann])).get(ann)!);
    const sealed = seal(before.key, `${before.personId}|email`, ann);
    await sql`update person set sealed_email = ${sealed} where id = ${before.personId}`.execute(
      place.database.kysely(),
    );
    expect([...(await people.find([ann])).values()].map(plain)).toEqual([before]);
    expect([...(await people.getByIds([before.personId])).values()].map(plain)).toEqual([before]);
  });

  it("cannot be read if their row holds another person's sealed address and key", async () => {
    const [ann, bob] = addresses(2) as [EmailAddress, EmailAddress];
    const known = await people.getOrCreate([ann, bob]);
    const [first, second] = [known.get(ann)!.personId, known.get(bob)!.personId];
    await sql`update person set sealed_email = b.sealed_email, wrapped_key = b.wrapped_key from person b
      where person.id = ${first} and b.id = ${second}`.execute(place.database.kysely());
    await expect(people.getByIds([first])).rejects.toThrow();
    expect((await people.getByIds([second])).get(second)?.email).toBe(bob);
  });

  it('who were erased are not found, and their address becomes a new person', async () => {
    const [ann] = addresses(1) as [EmailAddress];
    const { personId } = (await people.getOrCreate([ann])).get(ann)!;
    await sql`update person set email_hash = null, sealed_email = null, wrapped_key = null where id = ${personId}`.execute(
      place.database.kysely(),
    );
    expect(await people.getByIds([personId])).toEqual(new Map());
    expect(await people.find([ann])).toEqual(new Map());
    const later = (await people.getOrCreate([ann])).get(ann)!;
    expect(later.personId).not.toBe(personId);
    expect(later.email).toBe(ann);
  });
});

/** The parts of a person that the tests compare. */
function plain({ personId, email, key }: KnownPerson): KnownPerson {
  return { personId, email, key };
}

function byEmail(a: KnownPerson, b: KnownPerson): number {
  return a.email < b.email ? -1 : 1;
}

/** The number of statements that wait for a lock. */
async function waiting({ database }: TestDatabase): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(database.kysely());
  return rows[0]?.n ?? 0;
}
