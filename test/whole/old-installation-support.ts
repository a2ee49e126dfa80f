import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { loadConfig, type Config } from '../../src/bootstrap/config.js';
import { createLogger } from '../../src/bootstrap/logging.js';
import { startServer, type RunningServer } from '../../src/bootstrap/server.js';
import { ProjectionRunner } from '../../src/shared/projections/projection-runner.js';
import { TestClock } from '../support/test-clock.js';
import { Api } from '../support/test-server.js';

/** The folder's README describes the installation. */
export const OLD_INSTALLATION = join(import.meta.dirname, '../fixtures/installation');
const ADMIN = { email: 'admin@demo.example', password: 'rolecall demo' };
const CAUGHT_UP_WITHIN_MS = 30_000;
/** A moment shortly after the installation was made, when nothing in it had expired. */
const THEN = '2026-11-28T17:45:00.000Z';

export type Settings = Record<string, string>;
/** The items of each list, by the list's address. */
export type Lists = Record<string, unknown[]>;

/** Replaces the pseudonyms, because each installation makes its own key for them. */
export function withoutPseudonyms(lists: Lists): Lists {
  return JSON.parse(JSON.stringify(lists), (key, value: unknown) =>
    key === 'pseudonym' && /^P-[0-9A-HJKMNP-TV-Z]{12}$/.test(String(value)) ? 'P-' : value,
  ) as Lists;
}

/** All pseudonyms in the lists, in their order. */
export function pseudonymsIn(lists: Lists): string[] {
  return Object.values(lists)
    .flat()
    .flatMap((item) => (item as { pseudonym?: string }).pseudonym ?? []);
}

/** A copy of the data folder, unpacked into a temporary folder. */
export class OldDataFolder {
  private constructor(readonly path: string) {}

  static async unpack(): Promise<OldDataFolder> {
    const path = await mkdtemp(join(tmpdir(), 'rolecall-old-'));
    await promisify(execFile)('tar', ['-xzf', join(OLD_INSTALLATION, 'data.tar.gz'), '-C', path]);
    return new OldDataFolder(path);
  }

  /** The secrets that another installation needs to read the people in it. */
  get secrets(): Settings {
    return JSON.parse(readFileSync(join(this.path, 'secrets.json'), 'utf8')) as Settings;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Settings with a port that the system chooses. */
export function configOf(settings: Settings): Config {
  return loadConfig({ PORT: '0', ...settings });
}

/** The product on the old installation's data, with its clock at the time when that was made. No mail leaves. */
export class ReopenedServer {
  private constructor(
    private readonly running: RunningServer,
    private readonly admin: Api,
  ) {}

  static async start(settings: Settings): Promise<ReopenedServer> {
    const clock = new TestClock();
    clock.set(THEN);
    const logger = createLogger(
      'silent',
      new Writable({
        write: (_line, _encoding, done) => {
          done();
        },
      }),
    );
    const running = await startServer(configOf({ SMTP_URL: 'smtp://127.0.0.1:1', ...settings }), logger, { clock });
    // The read models replay the import first.
    if (!(await running.app.get(ProjectionRunner, { strict: false }).caughtUp(CAUGHT_UP_WITHIN_MS)))
      throw new Error('the read models do not catch up');
    const { body } = await new Api(running.url, null).post('/v1/auth/sign-in/email', ADMIN).expect(200);
    return new ReopenedServer(running, new Api(running.url, (body as { token: string }).token));
  }

  /** The items of every list, from the organisations down. */
  async lists(): Promise<Lists> {
    const lists: Lists = {};
    const list = async (path: string): Promise<string[]> => {
      const { items } = (await this.admin.get(`${path}${path.includes('?') ? '&' : '?'}limit=200`).expect(200))
        .body as { items: { id: string }[] };
      lists[path] = items;
      return items.map(({ id }) => id);
    };
    for (const under of ['staff', 'staff-invitations']) await list(`/v1/platform/${under}`);
    for (const organisation of await list('/v1/organisations')) {
      const at = `/v1/organisations/${organisation}`;
      for (const under of ['staff', 'staff-invitations', 'roles']) await list(`${at}/${under}`);
      for (const deployment of await list(`${at}/deployments`)) {
        const programme = `/v1/deployments/${deployment}`;
        for (const under of [
          'staff',
          'staff-invitations',
          'roles',
          'patients',
          'patients?status=pending',
          'patient-invitations',
          'patient-links',
        ])
          await list(`${programme}/${under}`);
      }
      for (const group of await list(`${at}/groups`)) {
        for (const under of ['members', 'invitations', 'network']) await list(`/v1/groups/${group}/${under}`);
        for (const file of await list(`/v1/groups/${group}/files`)) await list(`/v1/group-files/${file}/access`);
      }
    }
    await list('/v1/me/invitations');
    for (const single of ['/v1/me', '/v1/me/notices'])
      lists[single] = [(await this.admin.get(single).expect(200)).body];
    return lists;
  }

  /**
   * Asks for a rebuild of each read model. @returns the version of each before, without other projections, which have
   * nothing to replay
   */
  async replay(): Promise<Map<string, number>> {
    const before = await this.versions();
    for (const name of before.keys()) {
      const { status } = await this.admin.post(`/v1/projections/${name}/rebuild`);
      if (status === 404) before.delete(name);
      else if (status !== 204) throw new Error(`${name}: rebuild answered ${String(status)}`);
    }
    return before;
  }

  async versions(): Promise<Map<string, number>> {
    const { items } = (await this.admin.get('/v1/projections').expect(200)).body as {
      items: { name: string; version: number }[];
    };
    return new Map(items.map(({ name, version }) => [name, version]));
  }

  async close(): Promise<void> {
    await this.running.close();
  }
}
