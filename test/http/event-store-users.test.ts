import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EventStoreDBClient } from '@eventstore/db-client';
import { describeOnOneEngine } from '../support/engines.js';
import { FakeEventStoreDb } from '../support/eventstoredb-fake/fake.js';
import { CertificateAuthority, type Certificate } from '../support/servers/certificates.js';
import { describeWith, temporaryFolder } from '../support/servers/programs.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { createOrganisation } from '../support/scenarios.js';

const ROOT = resolve(import.meta.dirname, '../..');
const CHAPTER = join(ROOT, 'docs/eventstoredb.md');
const SENTENCE = /^EventStoreDB refuses access: check the user and password in EVENTSTORE_URL/;
const ADMIN_ALONE = { acl: { readRoles: ['$admins'] } };

interface Line {
  err?: { kind: string };
}

/** The block of code in the chapter that begins with these words. */
function blockOf(chapter: string, beginning: string): string {
  const block = chapter.split('\n').slice(chapter.split('\n').findIndex((line) => line.startsWith(`    ${beginning}`)));
  return block
    .slice(
      0,
      block.findIndex((line) => line !== '' && !line.startsWith('    ')),
    )
    .map((line) => line.slice(4))
    .join('\n');
}

describeWith(['openssl'], 'users and rights', () => {
  describeOnOneEngine('of EventStoreDB', (engine) => {
    let certificateAuthority: CertificateAuthority;
    let certificate: Certificate;
    let fake: FakeEventStoreDb;
    let server: TestServer | undefined;
    beforeAll(async () => {
      certificateAuthority = await CertificateAuthority.make('An event store’s authority');
      certificate = await certificateAuthority.certificateFor(['DNS:localhost']);
      fake = await FakeEventStoreDb.start({ certificate });
      fake.setUser('admin', 'changeit', ['$admins']);
      fake.setUser('operator', 'secret', ['$ops']);
      fake.setUser('rolecall', 'secret');
    });
    afterAll(async () => {
      await server?.close();
      await fake.stop();
      await certificateAuthority.remove();
    });

    const url = (user: string, password = 'secret'): string =>
      `esdb://${user}:${password}@localhost:${String(fake.port)}?tlsCAFile=${certificateAuthority.certFile}`;
    const started = async (user: string, password?: string): Promise<TestServer> =>
      startTestServer(engine, { EVENTSTORE_URL: url(user, password) });

    /** Sets the rights on $all, as an administrator does with the client. */
    async function allows(metadata: { acl: { readRoles: string[] } }): Promise<void> {
      const client = EventStoreDBClient.connectionString(url('admin', 'changeit'));
      await client.setStreamMetadata('$all', metadata);
      await client.dispose();
    }

    /** Checks what callers, health and the log say while the product is refused. */
    async function isRefused({ admin, anonymous, logs }: TestServer): Promise<void> {
      const answer = await waitFor('a refusal', async () => {
        const one = await admin.post('/v1/organisations', { name: 'Refused' });
        return one.status !== 201 && one;
      });
      expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([
        503,
        'event-store-unavailable',
        '2',
      ]);
      await hasReason(anonymous);
      expect(kindsIn(logs)).toEqual(['EventStoreRefuses']);
    }

    async function hasReason(anonymous: TestServer['anonymous']): Promise<void> {
      await waitFor('the reason', async () =>
        ((await anonymous.get('/health')).body as { reasons: { code: string }[] }).reasons.some(
          ({ code }) => code === 'event-store-refuses',
        ),
      );
    }

    const kindsIn = (logs: string[]): string[] => [
      ...new Set(logs.flatMap((line) => (JSON.parse(line) as Line).err?.kind ?? [])),
    ];

    async function isWell(product: TestServer): Promise<void> {
      await waitFor(
        'a success',
        async () => (await product.admin.post('/v1/organisations', { name: 'Again' })).status === 201,
      );
      await waitFor('a healthy report', async () => (await product.anonymous.get('/health')).status === 200);
      await createOrganisation(product);
    }

    it.each([
      ['rolecall', 'secret'],
      ['operator', 'secret'],
      ['rolecall', 'wrong'],
      ['nobody', 'secret'],
    ])('end a start of %s with the password %s in one sentence', async (user, password) => {
      await expect(started(user, password)).rejects.toMatchObject({
        name: 'EventStoreRefuses',
        message: expect.stringMatching(SENTENCE),
      });
    });

    it('work as the chapter grants them: by its script, to a user without a group', async () => {
      const { path, remove } = await temporaryFolder('grant');
      await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
      await writeFile(
        join(path, 'grant.mjs'),
        blockOf(await readFile(CHAPTER, 'utf8'), 'import { EventStoreDBClient }'),
      );
      const { stdout } = await promisify(execFile)(process.execPath, ['grant.mjs'], {
        cwd: path,
        env: { ADMIN_URL: url('admin', 'changeit') },
      });
      expect(stdout).toBe('may read $all: rolecall $admins\n');
      await remove();
      server = await started('rolecall');
      await createOrganisation(server);
    });

    it('are reported to callers and operators when they are taken away, and work again when they are back', async () => {
      await allows(ADMIN_ALONE);
      await hasReason(server!.anonymous);
      await waitFor('the refusal in the log', async () =>
        Promise.resolve(kindsIn(server!.logs).includes('EventStoreRefuses')),
      );
      expect(kindsIn(server!.logs)).toEqual(['EventStoreRefuses']);
      await allows({ acl: { readRoles: ['rolecall', '$admins'] } });
      await isWell(server!);
    });

    it('are refused after a change of password, until the password is right again', async () => {
      fake.setUser('rolecall', 'another');
      // The connections are dropped, because a call under way keeps its user.
      fake.dropConnections();
      await isRefused(server!);
      fake.setUser('rolecall', 'secret');
      await isWell(server!);
    });
  });
});
