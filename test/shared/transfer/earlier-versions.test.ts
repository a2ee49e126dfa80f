import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { loadConfig } from '../../../src/bootstrap/config.js';
import { openInstallation } from '../../../src/bootstrap/installation.js';
import { MIGRATIONS } from '../../../src/migrations/migrations.js';
import { importInstallation } from '../../../src/cli/transfer/import-installation.js';
import { verifyInstallation } from '../../../src/cli/transfer/verify-installation.js';
import { HashChainWriter } from '../../../src/shared/transfer/hash-chained-ndjson.js';
import { EVENT_FILE } from '../../../src/shared/transfer/event-file.js';
import { compareRows, importRows, PEOPLE_FILE } from '../../../src/shared/transfer/transfer-tables.js';
import { keyChecks } from '../../../src/shared/transfer/key-checks.js';
import { describeOnEngines, type TestDatabase } from '../../support/engines.js';
import { SECRETS } from '../../support/test-server.js';

const PERSON = { id: randomUUID(), email_hash: 'hash', sealed_email: 'sealed', wrapped_key: 'wrapped' };
const TIME = '2026-01-05T10:00:00+00:00';
const ENTRY = {
  key: randomUUID(),
  kind: 'note',
  stream: 'staff-1',
  invitation_id: randomUUID(),
  issue: 1,
  state: 'sent',
  attempts: 1,
  queued_at: TIME,
  due_at: TIME,
  lease_until: null,
  at: TIME,
};
const ROWS = [
  { table: 'person', row: PERSON },
  { table: 'outbox', row: ENTRY },
];

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'rolecall-moved-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

async function write(folder: string, name: string, header: object, lines: readonly object[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.ndjson`);
  const writer = await HashChainWriter.create(path, { rolecall: name, ...header });
  await writer.write([...lines]);
  await writer.finish();
  return path;
}

describeOnEngines('rows that an earlier version exported', (engine) => {
  let place: TestDatabase;
  beforeAll(async () => {
    place = await engine.openDatabase();
  });
  afterAll(async () => {
    await place.close();
  });

  const imported = async (path: string) =>
    place.database.transaction(async (trx) => importRows(trx, path, () => undefined));
  const differences = async (path: string) => compareRows(place.database.kysely(), path);

  it('are imported with defaults for newer columns, and compared by the columns that they have', async () => {
    await sql`alter table outbox add column urgency int not null default 7`.execute(place.database.kysely());
    await sql`alter table person add column remark text`.execute(place.database.kysely());
    const path = await write(join(root, randomUUID()), PEOPLE_FILE, {}, ROWS);
    expect(await imported(path)).toBe(2);
    const { rows } = await sql`select urgency, remark from outbox, person`.execute(place.database.kysely());
    expect([rows, await differences(path)]).toEqual([[{ urgency: 7, remark: null }], []]);
    // The import is repeated as after an interruption. Changed rows are found after it, too.
    expect(await imported(path)).toBe(2);
    await sql`update outbox set issue = 2`.execute(place.database.kysely());
    expect(await differences(path)).toEqual([`row ${ENTRY.key} of outbox differs or is missing`]);
    await expect(imported(path)).rejects.toThrow(`the database holds another row ${ENTRY.key} in outbox`);
    await sql`update outbox set issue = 1`.execute(place.database.kysely());
    await sql`update outbox set lease_until = ${TIME}`.execute(place.database.kysely());
    expect(await differences(path)).toHaveLength(1);
    await sql`delete from outbox`.execute(place.database.kysely());
    expect(await differences(path)).toEqual([
      `row ${ENTRY.key} of outbox differs or is missing`,
      'outbox has 0 rows in the database, 1 in the file',
    ]);
  });

  it('are refused with a column that this version lacks', async () => {
    const path = await write(join(root, randomUUID()), PEOPLE_FILE, {}, [
      { table: 'person', row: { ...PERSON, id: randomUUID(), email_hash: 'other', mood: 'good' } },
    ]);
    await expect(imported(path)).rejects.toThrow(
      "the file's rows of person have a column that this version doesn't know: mood",
    );
  });
});

describeOnEngines('an export', (engine) => {
  async function moved(schema: string): Promise<{ rows: number; differences: string[] }> {
    const folder = join(root, randomUUID());
    const place = await engine.placeForProcess();
    const config = loadConfig({ PORT: '0', ...SECRETS, ...place.settings });
    const common = { house: randomUUID(), schema, keys: keyChecks(config) };
    await write(folder, PEOPLE_FILE, common, ROWS);
    await write(folder, EVENT_FILE, common, []);
    const installation = await openInstallation(config, false);
    try {
      const { rows } = await importInstallation(installation, folder, () => () => undefined);
      return { rows, differences: (await verifyInstallation(installation, folder, () => () => undefined)).differences };
    } finally {
      await installation.close();
      await place.close();
    }
  }

  it.each(['0006-instances', '0013-list-indexes', MIGRATIONS.at(-1)!.name])(
    'of version %s is imported',
    async (schema) => {
      expect(await moved(schema)).toEqual({ rows: 2, differences: [] });
    },
  );

  it.each(['0099-of-tomorrow', '', '0013'])('of version "%s" is refused', async (schema) => {
    await expect(moved(schema)).rejects.toMatchObject({
      name: 'ImportRefused',
      message: expect.stringContaining('a version of Rolecall that this one does not know'),
    });
  });
});
