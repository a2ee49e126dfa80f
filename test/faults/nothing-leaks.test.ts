import { sql } from 'kysely';
import { describeOnEngines } from '../support/engines.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { LIFE_SETTINGS, liveALife, type Life } from './life.js';
import { placesOf, placesOfBytes, tracesInDatabase, type Trace } from './traces.js';

/** The only columns with plain data: lists need names and addresses, and better-auth needs a name. */
const PLAIN_PLACES = ['person_directory.name', 'person_directory.email', 'account_user.name'];

describeOnEngines('the data after a whole life', (engine) => {
  let server: TestServer;
  let life: Life;
  let rows: Trace[];
  let logs: Trace[];
  beforeAll(async () => {
    server = await startTestServer(engine, LIFE_SETTINGS);
    life = await liveALife(server);
    const events = (await server.events()).map((event) => ({ place: 'event.stored', text: JSON.stringify(event) }));
    rows = [...(await tracesInDatabase(server.database.kysely())), ...events];
    logs = server.logs.map((text) => ({ place: 'log', text }));
  }, 120_000);
  afterAll(async () => {
    await server.close();
  });

  it('is enough to search', () => {
    const tables = new Set(rows.map(({ place }) => place.split('.')[0]));
    for (const table of [
      'event',
      'outbox',
      'person',
      'person_directory',
      'invitation',
      'staff_member',
      'group_member',
      'account_user',
      'account_credential',
      'account_session',
      'idempotent_call',
    ]) {
      expect(tables).toContain(table);
    }
    const said = server.logs.join('');
    for (const words of ['"msg":"request"', 'a mail was not taken', 'request failed', '"kind":"'])
      expect(said).toContain(words);
    expect(life.problems.length).toBeGreaterThan(10);
    // The same search finds personal data in the plain columns.
    expect(
      placesOf(
        rows.filter(({ place }) => PLAIN_PLACES.includes(place)),
        life.personal,
      ).length,
    ).toBeGreaterThan(5);
  });

  it('has no address, name, message or reason in a table except the plain columns', () => {
    expect(
      placesOf(
        rows.filter(({ place }) => !PLAIN_PLACES.includes(place)),
        life.personal,
      ),
    ).toEqual([]);
  });

  it('has no address, name, message, reason or IP address in a log line', () => {
    expect(placesOf(logs, life.personal)).toEqual([]);
  });

  it('has no link, link signature, password, session or secret in a table, a log line or a problem document', () => {
    const traces = [...rows, ...logs, ...life.problems.map((text) => ({ place: 'problem', text }))];
    expect(placesOf(traces, life.secrets)).toEqual([]);
    expect(placesOfBytes(traces, life.macs)).toEqual([]);
  });

  const DISGUISES: [string, (text: string) => string][] = [
    ['as it is', (text) => text],
    ['in capitals', (text) => text.toUpperCase()],
    ['in base64', (text) => Buffer.from(`hidden: ${text}`).toString('base64')],
    ['in base64url, in JSON', (text) => JSON.stringify({ sealed: Buffer.from(text).toString('base64url') })],
    ['in hex', (text) => Buffer.from(text).toString('hex')],
    ['in JSON in JSON', (text) => JSON.stringify(JSON.stringify({ text }))],
    ['percent-encoded', (text) => encodeURIComponent(text)],
  ];

  it.each(DISGUISES)('would show a text that is stored %s', async (_, disguise) => {
    const db = server.database.kysely<Record<string, never>>();
    await sql`create table planted (note text)`.execute(db);
    for (const text of [...life.personal, ...life.secrets])
      await sql`insert into planted values (${disguise(text)})`.execute(db);
    const planted = (await tracesInDatabase(db)).filter(({ place }) => place === 'planted.note');
    await sql`drop table planted`.execute(db);
    expect(
      planted.filter((trace, n) => placesOf([trace], [[...life.personal, ...life.secrets][n]!]).length === 0),
    ).toEqual([]);
    const macs = life.macs.map((mac) => ({ place: 'planted', text: disguise(mac.toString('hex')) }));
    expect(placesOfBytes(macs, life.macs)).toHaveLength(life.macs.length);
  });
});
