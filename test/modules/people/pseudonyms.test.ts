import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { deterministicId } from '../../../src/shared/event-sourcing/stream-id.js';
import { installationKey, OtherMasterKey } from '../../../src/shared/crypto/installation-key.js';
import { Pseudonyms } from '../../../src/modules/people/pseudonyms.js';
import { describeOnEngines, type TestDatabase } from '../../support/engines.js';

describeOnEngines('pseudonyms and aliases', (engine) => {
  let place: TestDatabase;
  let pseudonyms: Pseudonyms;
  const masterKey = randomBytes(32);
  const [view, other] = [randomUUID(), randomUUID()] as const;
  beforeAll(async () => {
    place = await engine.openDatabase();
    pseudonyms = new Pseudonyms(place.database, masterKey);
    await pseudonyms.open();
  });
  afterAll(async () => {
    await place.close();
  });

  it('are computed with a key that the first start makes and stores wrapped, and that nothing replaces', async () => {
    const { rows } = await sql<{ wrapped_key: string }>`select wrapped_key from installation_key`.execute(
      place.database.kysely(),
    );
    const keys = await Promise.all(
      Array.from({ length: 5 }, async () => installationKey(place.database, masterKey, 'pseudonyms')),
    );
    expect([rows.length, new Set(keys.map((key) => key.toString('hex'))).size, keys[0]!.length]).toEqual([1, 1, 32]);
    expect(rows[0]!.wrapped_key).not.toContain(keys[0]!.toString('base64url'));
  });

  it('are the same on instances that start for the first time at the same moment', async () => {
    const name = randomUUID();
    const keys = await Promise.all(
      Array.from({ length: 6 }, async () => installationKey(place.database, masterKey, name)),
    );
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  });

  it('cannot be opened with another master key', async () => {
    await expect(new Pseudonyms(place.database, randomBytes(32)).open()).rejects.toBeInstanceOf(OtherMasterKey);
  });

  it('differ by view and by person, and stay the same after a restart', async () => {
    const again = new Pseudonyms(place.database, masterKey);
    await again.open();
    const people = Array.from({ length: 200 }, () => randomUUID());
    const names = people.map((personId) => pseudonyms.pseudonymOf(view, personId));
    expect(names.every((name) => /^P-[0-9A-HJKMNP-TV-Z]{12}$/.test(name))).toBe(true);
    expect(new Set([...names, ...people.map((personId) => pseudonyms.pseudonymOf(other, personId))]).size).toBe(400);
    expect(people.map((personId) => again.pseudonymOf(view, personId))).toEqual(names);
    // Each position uses most of the alphabet's 32 characters.
    for (let at = 2; at < 14; at += 1) expect(new Set(names.map((name) => name[at])).size).toBeGreaterThan(20);
  });

  it('replace ids by UUIDs of the same version, and give each id back in its own view alone', () => {
    const ids = [
      ...Array.from({ length: 100 }, () => randomUUID()),
      ...Array.from({ length: 100 }, () => deterministicId(randomUUID(), randomUUID())),
    ];
    const aliases = pseudonyms.aliases(view, ids);
    expect(
      aliases.map((alias) => [
        alias.length,
        alias[14],
        /^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(alias),
      ]),
    ).toEqual(ids.map((id) => [36, id[14], true]));
    expect(ids.map((id) => pseudonyms.alias(view, id))).toEqual(aliases);
    expect(aliases.map((alias) => pseudonyms.storedId(view, alias))).toEqual(ids);
    expect(aliases.map((alias) => pseudonyms.storedId(view, alias.toUpperCase()))).toEqual(ids);
    expect(
      new Set([
        ...ids,
        ...aliases,
        ...pseudonyms.aliases(other, ids),
        ...aliases.map((alias) => pseudonyms.storedId(other, alias)),
      ]).size,
    ).toBe(800);
  });
});
