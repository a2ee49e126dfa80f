import { appendFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataDirectory } from '../../src/bootstrap/data-directory.js';
import { TestInstallationFolder, TRANSFERRED, MODELS, type Lived } from './transfer-support.js';
import { Random } from '../shared/event-sourcing/event-store-support.js';
import { failureOf } from '../shared/transfer/transfer-support.js';
import { describeOnEngines, type ProcessPlace } from '../support/engines.js';
import { ADMIN, PASSWORD, SECRETS } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';

const KILLED_EVENTS = Number(process.env.MOVE_EVENTS ?? '1000');
const SLOW = 300_000;
const OTHER = 'another-secret-0123456789-abcdefghijkl';

describe('the transfer of an embedded installation in use', () => {
  const random = new Random('transfer');
  let testInstallationFolder: TestInstallationFolder;
  let lived: Lived;
  beforeAll(async () => {
    testInstallationFolder = await TestInstallationFolder.build();
    lived = await testInstallationFolder.live();
  }, SLOW);
  afterAll(async () => {
    await testInstallationFolder.remove();
  });

  it('exports three files for their owner alone, with no name, address, password or secret in the log', async () => {
    expect(
      await testInstallationFolder.command(testInstallationFolder.source, 'export', testInstallationFolder.folder),
    ).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^exported \d+ rows and \d+ events to .*\nexported 2 stored files$/m),
    });
    const [people, events, list] = ['people.ndjson', 'events.ndjson', 'files.ndjson'].map((name) =>
      join(testInstallationFolder.folder, name),
    ) as [string, string, string];
    expect(
      [people, events, list, testInstallationFolder.folder].map((path) => (statSync(path).mode & 0o777).toString(8)),
    ).toEqual(['600', '600', '600', '700']);
    const log = readFileSync(events, 'utf8');
    for (const personal of lived.personal) expect(log).not.toContain(personal);
    for (const secret of [
      ...Object.values(SECRETS),
      PASSWORD,
      ADMIN.password,
      ...testInstallationFolder.smtp.mails.map(({ token }) => token),
    ]) {
      expect(log + readFileSync(people, 'utf8')).not.toContain(secret);
    }
  });

  it('exports only an installation that exists and that nothing else uses, to a folder without an export', async () => {
    expect(
      await testInstallationFolder.command(testInstallationFolder.source, 'export', testInstallationFolder.folder),
    ).toMatchObject({
      code: 1,
      said: expect.stringContaining('holds an export already'),
    });
    const unlock = lockDataDirectory(testInstallationFolder.source['DATA_DIR']!);
    expect(
      await testInstallationFolder.command(
        testInstallationFolder.source,
        'export',
        join(testInstallationFolder.folder, 'new'),
      ),
    ).toMatchObject({
      code: 1,
      said: expect.stringContaining('is in use by process'),
    });
    unlock();
    const nowhere = { DATA_DIR: join(testInstallationFolder.folder, 'nowhere') };
    expect(
      await testInstallationFolder.command(nowhere, 'export', join(testInstallationFolder.folder, 'new')),
    ).toMatchObject({
      code: 1,
      said: expect.stringContaining('there is no installation in'),
    });
    expect(existsSync(join(testInstallationFolder.folder, 'new'))).toBe(false);
  });

  it('answers a wrong call with its usage', async () => {
    const wrong = [
      [],
      ['export'],
      ['move', 'export'],
      ['import', 'export', 'more'],
      ['export', '--against', 'file'],
      ['verify', 'export', '--against', 'file'],
      ['verify', '--nonsense'],
    ];
    const answers = await Promise.all(
      wrong.map(async (args) => testInstallationFolder.command(testInstallationFolder.source, ...args)),
    );
    for (const answer of answers)
      expect(answer).toEqual({ code: 2, said: expect.stringContaining('npm run transfer -- export <folder>') });
  });

  describeOnEngines(
    'to an installation',
    (engine) => {
      let place: ProcessPlace;
      beforeAll(async () => {
        const made = await engine.placeForProcess();
        place = { ...made, settings: { ...made.settings, FILES_DIR: testInstallationFolder.filesOf(engine.name) } };
      });
      afterAll(async () => {
        await place.close();
      });

      it.each([
        ['MASTER_KEY', "nobody's name or address could be read"],
        ['PERSON_SECRET', 'nobody would be found by their address'],
        ['LINK_SECRET', 'links in mails would stop working'],
      ])(
        'is refused before it stores anything when that one has another %s',
        async (name, why) => {
          await expect(testInstallationFolder.import({ ...place.settings, [name]: OTHER })).rejects.toMatchObject({
            name: 'ImportRefused',
            message: expect.stringContaining(why),
          });
          expect(await testInstallationFolder.inside(place.settings, async (dump) => dump(TRANSFERRED))).toEqual(
            Object.fromEntries(TRANSFERRED.map((table) => [table, []])),
          );
        },
        SLOW,
      );

      it(
        'is refused by file and line before it stores anything when a file is damaged',
        async () => {
          const events = join(testInstallationFolder.folder, 'events.ndjson');
          const whole = readFileSync(events, 'utf8');
          const damaged = async (content: string): Promise<string> => {
            writeFileSync(events, content);
            return failureOf(testInstallationFolder.import(place.settings));
          };
          expect(await damaged(whole.replace('"role":"contributor"', '"role":"super-admin"'))).toMatch(
            /events.ndjson, line \d+: the line is not as it was written/,
          );
          expect(await damaged(whole.slice(0, -30))).toMatch(/events.ndjson, line \d+: the file is cut short/);
          writeFileSync(events, whole);
          renameSync(events, `${events}.part`);
          expect(await failureOf(testInstallationFolder.import(place.settings))).toContain(
            'the export was not finished',
          );
          renameSync(`${events}.part`, events);
          expect(await testInstallationFolder.inside(place.settings, async (dump) => dump(TRANSFERRED))).toEqual(
            Object.fromEntries(TRANSFERRED.map((table) => [table, []])),
          );
        },
        SLOW,
      );

      it(
        'is complete, and the product does not start before that',
        async () => {
          await expect(
            testInstallationFolder.import(place.settings, (what) => () => {
              if (what === 'events') throw new Error('interrupted');
            }),
          ).rejects.toThrow('interrupted');
          await expect(testInstallationFolder.start(place.settings)).rejects.toMatchObject({
            name: 'ImportUnfinished',
          });
          expect(
            await testInstallationFolder.command(place.settings, 'export', join(testInstallationFolder.folder, 'new')),
          ).toMatchObject({
            code: 1,
            said: expect.stringContaining('was not finished'),
          });
          expect(
            await testInstallationFolder.command(place.settings, 'import', testInstallationFolder.folder),
          ).toMatchObject({
            code: 0,
            said: expect.stringMatching(/^imported \d+ rows and \d+ events, /m),
          });
          expect(
            await testInstallationFolder.command(place.settings, 'verify', testInstallationFolder.folder),
          ).toMatchObject({
            code: 0,
            said: expect.stringMatching(/^equal: \d+ events$/m),
          });
          const settings = testInstallationFolder.settingsFile(testInstallationFolder.source);
          expect(await testInstallationFolder.command(place.settings, 'verify', '--against', settings)).toMatchObject({
            code: 0,
            said: expect.stringMatching(/^equal: \d+ events$/m),
          });
          expect(await testInstallationFolder.inside(place.settings, async (dump) => dump(TRANSFERRED))).toEqual(
            lived.transferred,
          );
        },
        SLOW,
      );

      // An embedded installation always has a place for them.
      const withServer = engine.name === 'PGlite' ? () => undefined : it;
      withServer(
        'is refused without a place for the stored files',
        async () => {
          const without = { ...place.settings, FILES_DIR: '' };
          await expect(testInstallationFolder.import(without)).rejects.toMatchObject({
            name: 'ImportRefused',
            message: expect.stringContaining('set FILES_DIR'),
          });
        },
        SLOW,
      );

      it(
        'gives an installation that does not start with another MASTER_KEY or PERSON_SECRET',
        async () => {
          for (const name of ['MASTER_KEY', 'PERSON_SECRET']) {
            await expect(testInstallationFolder.start({ ...place.settings, [name]: OTHER })).rejects.toMatchObject({
              name: 'ConfigError',
              message: expect.stringContaining(`${name} is not the one`),
            });
          }
        },
        SLOW,
      );

      it(
        'keeps read models row for row, sessions, passwords, links and repeated calls, and only the waiting mail is sent',
        async () => {
          const sent = testInstallationFolder.smtp.mails.length;
          const server = await testInstallationFolder.start(place.settings);
          try {
            await server.caughtUp();
            expect(await server.dump(MODELS)).toEqual(lived.models);
            await server.as(lived.session).get('/v1/me').expect(200);
            for (const [index, content] of lived.file.versions.entries()) {
              const path = `${lived.file.path}/content?version=${String(index + 1)}`;
              expect((await server.as(lived.session).get(path).buffer(true).expect(200)).text).toBe(content);
            }
            const { body } = await server
              .as(null)
              .post('/v1/auth/sign-in/email', { email: lived.member, password: PASSWORD })
              .expect(200);
            await server
              .as((body as { token: string }).token)
              .get('/v1/me')
              .expect(200);
            const repeated = await server
              .as(lived.session, lived.call.headers)
              .post(lived.call.path, lived.call.body)
              .expect(201);
            expect([repeated.headers['idempotency-replayed'], repeated.text]).toEqual(['true', lived.call.answer]);
            await server
              .as(null)
              .post(`/v1/invitations/${lived.link}/accept`, { name: 'Bob Builder', password: PASSWORD })
              .expect(200);
            await server.as(null).get(`/v1/invitations/${lived.deadLink}`).expect(410);
            testInstallationFolder.movedTimes += 1;
            await testInstallationFolder.smtp.mailTo(lived.waiting, testInstallationFolder.movedTimes);
            await waitFor(
              'the mail’s outcome',
              async () =>
                !(await server.dump(['outbox']))['outbox']!.some(
                  (row) => row.includes('"kind":"invitation"') && row.includes('"state":"pending"'),
                ),
            );
            const outbox = await server.dump(['outbox']);
            const reminders = (rows: string[]): string[] => rows.filter((row) => row.includes('"kind":"reminder"'));
            // The mail that waited has a reminder now.
            expect(reminders(outbox['outbox']!)).toEqual(
              expect.arrayContaining(reminders(lived.transferred['outbox']!)),
            );
            expect([reminders(outbox['outbox']!).length, outbox['outbox']!.length]).toEqual([
              reminders(lived.transferred['outbox']!).length + 1,
              lived.transferred['outbox']!.length + 1,
            ]);
            expect(testInstallationFolder.smtp.mails.slice(sent).map(({ to }) => to)).toEqual([lived.waiting]);
          } finally {
            await server.close();
          }
        },
        SLOW,
      );

      it(
        'is not equal any more and not repeated once that one has events of its own',
        async () => {
          const verified = await testInstallationFolder.command(
            place.settings,
            'verify',
            testInstallationFolder.folder,
          );
          expect([verified.code, verified.said]).toEqual([
            1,
            expect.stringMatching(/not equal:\n.*the first side has ended, the other goes on with event/s),
          ]);
          expect(verified.said).not.toContain('@');
          expect(
            await testInstallationFolder.command(place.settings, 'import', testInstallationFolder.folder),
          ).toMatchObject({
            code: 1,
            said: expect.stringMatching(/the database holds|the log goes on/),
          });
          const server = await testInstallationFolder.start(place.settings);
          await server.close();
        },
        SLOW,
      );

      it(
        'succeeds by an import that is killed again and again, and run again',
        async () => {
          const other = await engine.placeForProcess();
          const folder = await testInstallationFolder.makeUp(random, KILLED_EVENTS);
          const kills = await testInstallationFolder.importKilling(other.settings, folder, random);
          process.stdout.write(
            `an import of ${String(KILLED_EVENTS)} events on ${engine.name}, killed after ${kills.join(', ')} ms\n`,
          );
          expect(await testInstallationFolder.command(other.settings, 'verify', folder)).toMatchObject({
            code: 0,
            said: expect.stringContaining(`equal: ${String(KILLED_EVENTS)} events`),
          });
          appendFileSync(join(folder, 'events.ndjson'), '{}\n');
          expect(await testInstallationFolder.command(other.settings, 'verify', folder)).toMatchObject({
            code: 1,
            said: expect.stringContaining('events.ndjson, line'),
          });
          await other.close();
        },
        SLOW,
      );
    },
    { alsoOnEventStoreDb: process.env.TEST_DATABASE_URL !== undefined },
  );
});
