import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { EmailAddress } from '../../../src/shared/mail/email-address.js';
import { People } from '../../../src/modules/people/people.js';
import { PersonAddresses } from '../../../src/modules/people/person-addresses.js';
import { PersonSealing } from '../../../src/modules/people/person-sealing.js';
import { describeOnEngines, type TestDatabase } from '../../support/engines.js';

const secrets = { masterKey: randomBytes(32), personSecret: randomBytes(32) };
const [SOON, LATE] = [new Date('2026-01-12T10:00:00.000Z'), new Date('2026-02-12T10:00:00.000Z')];

let counter = 0;
function address(): EmailAddress {
  counter += 1;
  return `address-${String(counter)}@example.test` as EmailAddress;
}

describeOnEngines('the addresses of a person', (engine) => {
  let place: TestDatabase;
  let people: People;
  let addresses: PersonAddresses;
  beforeAll(async () => {
    place = await engine.openDatabase();
    people = new People(place.database, secrets);
    addresses = new PersonAddresses(place.database, new PersonSealing(secrets));
  });
  afterAll(async () => place.close());

  /** A person who is recorded with an address. */
  const somebody = async (email = address()): Promise<{ personId: string; email: EmailAddress }> => {
    const { personId } = (await people.getOrCreate([email])).get(email)!;
    return { personId, email };
  };
  const ownerOf = async (email: EmailAddress): Promise<string | null> =>
    (await people.find([email])).get(email)?.personId ?? null;
  const until = SOON.toISOString();

  it('mean them alone: a held one is taken for others, and busy for themselves', async () => {
    const [ann, bob] = [await somebody(), await somebody()];
    const wanted = address();
    expect(await addresses.hold(ann.personId, wanted, randomUUID())).toBe('held');
    expect([
      await addresses.hold(ann.personId, wanted, randomUUID()),
      await addresses.hold(bob.personId, wanted, randomUUID()),
      await addresses.hold(bob.personId, ann.email, randomUUID()),
    ]).toEqual(['busy', 'taken', 'taken']);
    expect([await ownerOf(wanted), (await people.getOrCreate([wanted])).get(wanted)?.personId]).toEqual([
      ann.personId,
      ann.personId,
    ]);
  });

  it('end with their hold, unless they are former or present ones', async () => {
    const ann = await somebody();
    const [former, wanted] = [ann.email, address()];
    const present = address();
    await addresses.settle(ann.personId, { present, former: [{ address: former, until }], changes: 1 });
    const holds = [];
    for (const email of [former, wanted, present]) {
      const id = randomUUID();
      expect(await addresses.hold(ann.personId, email, id)).toBe('held');
      holds.push(id);
    }
    for (const id of [...holds, randomUUID()]) await addresses.release(ann.personId, id);
    expect([await ownerOf(former), await ownerOf(wanted), await ownerOf(present)]).toEqual([
      ann.personId,
      null,
      ann.personId,
    ]);
  });

  it('follow the newest change, also when an older one comes late', async () => {
    const ann = await somebody();
    const [second, third] = [address(), address()];
    const newest = {
      present: third,
      former: [
        { address: ann.email, until },
        { address: second, until },
      ],
      changes: 2,
    };
    await addresses.settle(ann.personId, newest);
    await addresses.settle(ann.personId, { present: second, former: [{ address: ann.email, until }], changes: 1 });
    expect((await people.getByIds([ann.personId])).get(ann.personId)?.email).toBe(third);
    expect([await ownerOf(ann.email), await ownerOf(second), await ownerOf(third)]).toEqual(
      Array<string>(3).fill(ann.personId),
    );
    await addresses.settle(ann.personId, { present: ann.email, former: [], changes: 3 });
    expect([await ownerOf(ann.email), await ownerOf(second), await ownerOf(third)]).toEqual([ann.personId, null, null]);
  });

  it('end when their time is over, and not while a change holds them', async () => {
    const ann = await somebody();
    const holdId = randomUUID();
    await addresses.settle(ann.personId, { present: address(), former: [{ address: ann.email, until }], changes: 1 });
    await addresses.endFormer(new Date(SOON.getTime() - 1));
    expect(await ownerOf(ann.email)).toBe(ann.personId);
    await addresses.hold(ann.personId, ann.email, holdId);
    await addresses.endFormer(LATE);
    expect(await ownerOf(ann.email)).toBe(ann.personId);
    await addresses.release(ann.personId, holdId);
    await addresses.endFormer(LATE);
    expect(await ownerOf(ann.email)).toBeNull();
  });

  it('are stored without a readable one, and without a key', async () => {
    const ann = await somebody();
    const present = address();
    await addresses.settle(ann.personId, { present, former: [{ address: ann.email, until }], changes: 1 });
    const { rows } = await sql<{ row: string; wrapped_key: string | null }>`
      select person::text as row, wrapped_key from person where address_of = ${ann.personId}`.execute(
      place.database.kysely(),
    );
    expect(rows.map(({ wrapped_key }) => wrapped_key)).toEqual([null]);
    for (const text of [present, ann.email]) expect(rows[0]!.row).not.toContain(text);
    expect(await people.otherSecret()).toBeNull();
  });
});
