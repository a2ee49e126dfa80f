import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN_ROLES } from '../../src/modules/access/roles/built-in-roles.js';
import { describeOnEngines, describeOnOneEngine } from '../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';

const ROOT = join(import.meta.dirname, '../..');
const HOSPITAL = 'Riverside Hospital';
/** All that can be held below the platform. */
const ROLES: string[] = BUILT_IN_ROLES.filter(({ scopes }) => !(scopes as readonly string[]).includes('platform')).map(
  ({ id }) => id,
);

/** What lists of several kinds hold. */
interface Item {
  id: string;
  name: string;
  email: string;
  role: string;
  state: string;
  status: string;
  reason: string;
  administrator: boolean;
  contentCreator: boolean;
  appStoreUrl: string | null;
  playStoreUrl: string | null;
}

interface Run {
  code: number;
  said: string;
}

/** A report without what differs between two installations. */
const comparable = (said: string): string =>
  said
    .replaceAll(/http:\/\/[\w.:]+/g, '<url>')
    .replaceAll(/\/join\/[\w-]+/g, '/join/<token>')
    .replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, '<id>');

/** The demo as people run it, against a server that is there. */
async function demo(env: Record<string, string>): Promise<Run> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['scripts/demo.mjs'],
      { cwd: ROOT, env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : 1, said: stdout + stderr });
      },
    );
  });
}

describeOnEngines('the demo where mails wait in the mailbox', (engine) => {
  let server: TestServer;
  let first: Run;
  const run = async (): Promise<Run> =>
    demo({ ROLECALL_URL: server.url, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password });
  const items = async (path: string): Promise<Item[]> =>
    (await server.admin.get(path).query({ limit: 200 }).expect(200)).body.items;
  /** The organisation of this name and its deployments. */
  const placesOf = async (name: string): Promise<string[]> => {
    const organisation = (await items('/v1/organisations')).find((one) => one.name === name);
    const deployments = await items(`/v1/organisations/${organisation!.id}/deployments`);
    return [`/v1/organisations/${organisation!.id}`, ...deployments.map(({ id }) => `/v1/deployments/${id}`)];
  };
  const groupsOf = async (name: string): Promise<string[]> =>
    (await items(`${(await placesOf(name))[0]!}/groups`)).map(({ id }) => `/v1/groups/${id}`);
  const all = async (name: string, list: string) =>
    (await Promise.all((await placesOf(name)).map(async (path) => items(`${path}/${list}`)))).flat();
  const statesIn = async (name: string) =>
    [...new Set((await all(name, 'staff-invitations')).map(({ state }) => state))].sort();

  beforeAll(async () => {
    server = await startTestServer(engine, { SMTP_URL: '' });
    first = await run();
  });
  afterAll(async () => server.close());

  it('gives an organisation two deployments, staff in each role, and invitations in each state but one', async () => {
    expect(first).toEqual({ code: 0, said: expect.stringContaining(`Open ${server.url}/sign-in`) });
    expect((await placesOf(HOSPITAL)).length).toBe(3);
    expect((await all(HOSPITAL, 'staff')).map(({ role }) => role)).toEqual(expect.arrayContaining(ROLES));
    expect(await statesIn(HOSPITAL)).toEqual(['accepted', 'declined', 'pending', 'revoked']);
    expect(first.said).toContain('No invitation has expired');
  });

  it('says who can sign in, and they can', async () => {
    const signIns = new Map(
      [...first.said.matchAll(/^ {2}\S+ \S+ +(\S+@riverside\.example) +(\S+) /gm)].map(([, email, password]) => [
        email!,
        password,
      ]),
    );
    const [, ...deployments] = await placesOf(HOSPITAL);
    const patients = (await Promise.all(deployments.map(async (path) => items(`${path}/patients`)))).flat();
    const members = (await Promise.all((await groupsOf(HOSPITAL)).map(async (path) => items(`${path}/members`))))
      .flat()
      .filter(({ email }) => email !== ADMIN.email);
    expect(new Set(signIns.keys())).toEqual(
      new Set([...(await all(HOSPITAL, 'staff')), ...patients, ...members].map(({ email }) => email)),
    );
    for (const [email, password] of signIns) await server.signIn(email, password);
    expect(first.said).not.toContain(ADMIN.password);
  });

  it('makes custom roles, and gives them to somebody', async () => {
    const [organisation] = await placesOf(HOSPITAL);
    const { body } = await server.admin.get(`${organisation!}/roles`).expect(200);
    expect(
      body.items.filter(({ custom }: { custom: boolean }) => custom).map(({ name }: { name: string }) => name),
    ).toEqual(['Study Coordinator']);
    expect(first.said).toContain('Stella Coordinator');
  });

  it('gives each deployment patients who wait, take part and were offboarded, and one a link with a limit', async () => {
    const [, ...deployments] = await placesOf(HOSPITAL);
    for (const path of deployments) {
      const statuses = [...(await items(`${path}/patients`)), ...(await items(`${path}/patients?status=pending`))].map(
        ({ status }) => status,
      );
      expect(statuses.sort()).toEqual(['active', 'offboarded', 'pending']);
    }
    const links = (await Promise.all(deployments.map(async (path) => items(`${path}/patient-links`)))).flat();
    expect(links).toEqual([expect.objectContaining({ state: 'open', maxUses: 20, uses: 0 })]);
    const [, token] = /\/join\/([\w-]+)/.exec(first.said)!;
    expect((await server.anonymous.get(`/v1/links/${token!}`).expect(200)).body.scope.name).toBe(
      'Cardiac Rehabilitation',
    );
  });

  it('gives it two groups: members of all four sets, people who wait, files, one allowed and one denied by exception', async () => {
    const groups = await groupsOf(HOSPITAL);
    expect(groups.length).toBe(2);
    const of = async (list: string) => (await Promise.all(groups.map(async (path) => items(`${path}/${list}`)))).flat();
    const sets = (await of('members')).map(
      ({ administrator, contentCreator }) => `${String(administrator)} ${String(contentCreator)}`,
    );
    expect(new Set(sets).size).toBe(4);
    expect(new Set((await of('invitations')).map(({ state }) => state))).toEqual(
      new Set(['accepted', 'pending', 'declined']),
    );
    const files = await of('files');
    const access = (await Promise.all(files.map(async ({ id }) => items(`/v1/group-files/${id}/access`)))).flat();
    const exceptions = access.filter(({ reason }) => reason === 'exception') as unknown as {
      contentCreator: boolean;
      mayEdit: boolean;
    }[];
    expect(exceptions.map(({ contentCreator, mayEdit }) => [contentCreator, mayEdit]).sort()).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(files.length).toBe(4);
  });

  it('gives each deployment links to the patient app', async () => {
    const [organisation] = await placesOf(HOSPITAL);
    const deployments = await items(`${organisation!}/deployments`);
    const links = deployments.map(({ appStoreUrl, playStoreUrl }) =>
      [appStoreUrl, playStoreUrl].map((link) => link?.startsWith('https://')),
    );
    expect(links).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  it('says where to look first, at addresses that are there', async () => {
    const [, places = ''] = /Where to look first:\n\n([\s\S]*?)\n\n/.exec(first.said) ?? [];
    const found = [...places.matchAll(/^ {2}(http\S+)/gm)].map(([, url]) => url!);
    expect(found.length).toBe(4);
    for (const url of found) expect([url, (await fetch(url)).status]).toEqual([url, 200]);
  });

  /** How many events there are besides those of sessions, because each run signs in. */
  const changes = async (): Promise<number> =>
    (await server.events()).filter(({ stream }) => !stream.startsWith('session-')).length;

  it('finds everything again when it runs again, stores nothing, and reports the same', async () => {
    const before = await changes();
    expect(await run()).toEqual(first);
    expect(await changes()).toBe(before);
  });

  it('makes a new link for patients in place of a revoked one', async () => {
    const [, deployment] = await placesOf(HOSPITAL);
    const [link] = await items(`${deployment!}/patient-links`);
    await server.admin.delete(`/v1/patient-links/${link!.id}`).expect(204);
    await run();
    const states = (await items(`${deployment!}/patient-links`)).map(({ state }) => state);
    expect(states.sort()).toEqual(['open', 'revoked']);
  });

  it('leaves another organisation of the same name alone', async () => {
    const { body } = await server.admin.post('/v1/organisations', { name: HOSPITAL }).expect(201);
    expect(await run()).toEqual({ code: 0, said: expect.not.stringContaining(body.id as string) });
    expect(await items(`/v1/organisations/${body.id as string}/deployments`)).toEqual([]);
  });
});

describeOnOneEngine('the demo after a run that was killed', (engine) => {
  it.each([20, 60])('finishes what is left after %d events', async (killedAfter) => {
    const servers = [
      await startTestServer(engine, { SMTP_URL: '' }),
      await startTestServer(engine, { SMTP_URL: '' }),
    ] as const;
    try {
      const settingsOf = ({ url }: TestServer) => ({
        ROLECALL_URL: url,
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
      });
      const before = (await servers[1].events()).length;
      const child = spawn(process.execPath, ['scripts/demo.mjs'], {
        cwd: ROOT,
        env: { PATH: process.env.PATH, ...settingsOf(servers[1]) },
        stdio: 'ignore',
      });
      await waitFor('the run under way', async () => (await servers[1].events()).length >= before + killedAfter);
      child.kill('SIGKILL');
      const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      expect(signal).toBe('SIGKILL');
      const [one, other] = [await demo(settingsOf(servers[0])), await demo(settingsOf(servers[1]))];
      expect({ ...other, said: comparable(other.said) }).toEqual({ code: 0, said: comparable(one.said) });
    } finally {
      for (const server of servers) await server.close();
    }
  });
});

describe('the demo with a product of its own', () => {
  let folder: string;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rolecall-demo-'));
    for (const name of ['src', 'scripts', 'package.json', '.swcrc'])
      await cp(join(ROOT, name), join(folder, name), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs until the report is there, then stops it as Ctrl-C does. @returns the report */
  async function runUntilReport(): Promise<string> {
    child = spawn(process.execPath, ['scripts/demo.mjs'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let said = '';
    const reported = Promise.withResolvers<void>();
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Running until Ctrl-C')) reported.resolve();
    });
    await Promise.race([
      reported.promise,
      ended.then(() => {
        throw new Error(`the demo ended:\n${said}`);
      }),
    ]);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    return said;
  }

  it('reports the same when it runs again: its ids, links and people are in ./data-demo', async () => {
    const [first, second] = [await runUntilReport(), await runUntilReport()];
    const withoutPort = (said: string): string => said.replaceAll(/127\.0\.0\.1:\d+/g, '<address>');
    expect(first).toContain(`${HOSPITAL} is there`);
    expect(withoutPort(second)).toBe(withoutPort(first));
  }, 120_000);
});

describeOnEngines('the demo where mails are really sent', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => server.close());

  it('leaves invitations pending, and says so', async () => {
    const { code, said } = await demo({
      ROLECALL_URL: server.url,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
    });
    expect([code, said]).toEqual([0, expect.stringContaining('sends its mails by SMTP')]);
    const [organisation] = (await server.admin.get('/v1/organisations').expect(200)).body.items;
    const path = `/v1/organisations/${organisation.id as string}`;
    expect((await server.admin.get(`${path}/staff`).expect(200)).body.items).toEqual([]);
    const { items } = (await server.admin.get(`${path}/staff-invitations`).expect(200)).body as {
      items: { state: string }[];
    };
    expect(new Set(items.map(({ state }) => state))).toEqual(new Set(['pending', 'revoked']));
    const groups = (await server.admin.get(`${path}/groups`).expect(200)).body.items as { memberCount: number }[];
    expect(groups.map(({ memberCount }) => memberCount)).toEqual([1, 1]);
  });

  it('says what is missing', async () => {
    expect(await demo({ ROLECALL_URL: server.url })).toEqual({
      code: 1,
      said: expect.stringContaining('ADMIN_PASSWORD is missing'),
    });
    const wrong = await demo({
      ROLECALL_URL: server.url,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: 'not this one at all',
    });
    expect(wrong).toEqual({ code: 1, said: expect.stringContaining('401 sign-in-failed') });
    expect(await demo({ ROLECALL_URL: 'http://127.0.0.1:1', ADMIN_PASSWORD: ADMIN.password })).toEqual({
      code: 1,
      said: expect.stringContaining('nothing answers at'),
    });
  });
});
