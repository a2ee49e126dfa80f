import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { loadConfig } from '../../src/bootstrap/config.js';
import { openInstallation, type Installation } from '../../src/bootstrap/installation.js';
import { createLogger } from '../../src/bootstrap/logging.js';
import { startServer } from '../../src/bootstrap/server.js';
import { ProjectionRunners } from '../../src/shared/projections/projection-runners.js';
import { describeOnEngines, type ProcessPlace } from '../support/engines.js';
import { ProductBuild } from '../support/product-process.js';
import { ADMIN, Api, SECRETS } from '../support/test-server.js';

let build: ProductBuild;
beforeAll(async () => {
  build = await ProductBuild.make();
}, 120_000);

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a built command as `npm run` does. */
async function run(command: string, settings: Record<string, string>, ...args: string[]): Promise<Ended> {
  return new Promise((ended) => {
    execFile(
      process.execPath,
      [join(dirname(build.main), `cli/${command}.js`), ...args],
      { env: { ...settings } },
      (error, stdout, stderr) => {
        ended({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}

describeOnEngines(
  'npm run audit',
  (engine) => {
    const folder = join(mkdtempSync(join(tmpdir(), 'rolecall-audit-')), 'export');
    let place: ProcessPlace;
    let settings: Record<string, string>;
    let organisation: string;
    /** The access list of the running product. */
    let listed: object[];
    let beforeTheOrganisation: string;
    beforeAll(async () => {
      place = await engine.placeForProcess();
      settings = { ...SECRETS, ...place.settings };
      const own = { PORT: '0', ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };
      const running = await startServer(loadConfig({ ...own, ...settings }), createLogger('silent'));
      const { body } = await new Api(running.url, null).post('/v1/auth/sign-in/email', ADMIN).expect(200);
      const admin = new Api(running.url, body.token as string);
      beforeTheOrganisation = new Date().toISOString();
      organisation = (await admin.post('/v1/organisations', { name: 'Riverside Hospital' }).expect(201)).body.id;
      await admin.post(`/v1/organisations/${organisation}/groups`, { name: 'Tumour board' }).expect(201);
      listed = (await admin.get(`/v1/organisations/${organisation}/access`).expect(200)).body.items;
      for (const runner of running.app.get(ProjectionRunners).all) await runner.mustCatchUp(20_000);
      await running.close();
      expect((await run('transfer', settings, 'export', folder)).code).toBe(0);
    }, 120_000);
    afterAll(async () => {
      await place.close();
      rmSync(dirname(folder), { recursive: true });
    });

    const audit = async (...args: string[]): Promise<Ended> => run('audit', settings, ...args);
    const grantsIn = ({ stdout }: Ended): object[] =>
      stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as object);
    async function inside(work: (installation: Installation) => Promise<unknown>): Promise<void> {
      const installation = await openInstallation(loadConfig(settings), true, undefined, null);
      try {
        await work(installation);
      } finally {
        await installation.close();
      }
    }

    it('prints the access list from the log, as the product shows it', async () => {
      const ended = await audit('replay', '--organisation', organisation);
      expect(ended.stderr).toMatch(/1 grants, after the entry number \d+ of 20/);
      expect(ended.code).toBe(0);
      expect(listed).toHaveLength(1);
      expect(grantsIn(ended)).toEqual(listed);
    });

    it('prints the same from an export without settings, but no names', async () => {
      const ended = await run('audit', {}, 'replay', '--organisation', organisation, '--export', folder);
      const nameless = listed.map((grant) => ({
        ...grant,
        person: { ...(grant as { person: object }).person, name: null },
      }));
      expect(grantsIn(ended)).toEqual(nameless);
      expect(ended.code).toBe(0);
    });

    it('refuses a damaged export, and prints nothing', async () => {
      const file = join(folder, 'events.ndjson');
      const before = readFileSync(file);
      appendFileSync(file, '{}\n');
      const ended = await run(
        'audit',
        {},
        'replay',
        '--organisation',
        organisation,
        '--export',
        folder,
        '--number',
        '1',
      );
      expect(ended).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining("It didn't work: events.ndjson"),
      });
      rmSync(file);
      appendFileSync(file, before);
    });

    it('says that the organisation was not there yet', async () => {
      const ended = await audit('replay', '--organisation', organisation, '--at', beforeTheOrganisation);
      expect(ended).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('the log names no such organisation up to that instant'),
      });
    });

    it('finds the history equal to the log, and names a row that was changed', async () => {
      expect(await audit('verify')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^equal: \d+ entries and \d+ periods\n$/),
      });
      const change = async (role: string) =>
        inside(async ({ database }) =>
          sql`update grant_period set role = ${role} where kind = 'groupMember'`.execute(database.kysely()),
        );
      const { role } = listed[0] as { role: string };
      await change('viewer');
      const ended = await audit('verify');
      expect(ended.code).toBe(1);
      expect(ended.stdout).toMatch(
        /^grant_period groupMember-\S+ from \d+: changed role\nnot equal: 1 differences in /,
      );
      await change(role);
    });

    it('refuses the tables of another version', async () => {
      await inside(async ({ database }) => {
        await sql`insert into migration (name) values ('9999-later')`.execute(database.kysely());
      });
      for (const args of [['verify'], ['replay', '--organisation', organisation]])
        expect(await audit(...args)).toEqual({
          code: 1,
          stdout: '',
          stderr:
            "It didn't work: the installation has the tables of a newer version: use the program of the version that runs it\n",
        });
      await inside(async ({ database }) => {
        await sql`delete from migration where name = '9999-later'`.execute(database.kysely());
      });
    });
  },
  { alsoOnEventStoreDb: true },
);

it.each([
  '',
  'replay',
  'replay --organisation everybody',
  `replay --organisation ${randomUUID()} --at yesterday`,
  `replay --organisation ${randomUUID()} --at 2199-01-01T00:00:00Z`,
  `replay --organisation ${randomUUID()} --number 1 --at 2026-01-01T00:00:00Z`,
  'verify --number 1',
])('npm run audit refuses the wrong call "%s" with 2', async (call) => {
  expect(await run('audit', {}, ...call.split(' ').filter((word) => word !== ''))).toMatchObject({
    code: 2,
    stdout: '',
  });
});
