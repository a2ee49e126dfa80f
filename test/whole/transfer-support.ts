import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { sql } from 'kysely';
import { loadConfig } from '../../src/bootstrap/config.js';
import { READ_MODELS } from '../../src/bootstrap/entities.js';
import { openInstallation } from '../../src/bootstrap/installation.js';
import { createLogger } from '../../src/bootstrap/logging.js';
import { MIGRATIONS } from '../../src/migrations/migrations.js';
import { importInstallation } from '../../src/cli/transfer/import-installation.js';
import type { Progress } from '../../src/cli/transfer/transfer-files.js';
import { startServer, type RunningServer } from '../../src/bootstrap/server.js';
import { Database } from '../../src/shared/database/database.js';
import { ProjectionRunners } from '../../src/shared/projections/projection-runners.js';
import { HashChainWriter } from '../../src/shared/transfer/hash-chained-ndjson.js';
import { EVENT_FILE } from '../../src/shared/transfer/event-file.js';
import { TRANSFER_TABLES, PEOPLE_FILE } from '../../src/shared/transfer/transfer-tables.js';
import { keyChecks } from '../../src/shared/transfer/key-checks.js';
import type { Random } from '../shared/event-sourcing/event-store-support.js';
import { madeUpLog } from '../shared/transfer/transfer-support.js';
import { ProductBuild } from '../support/product-process.js';
import { TestSmtp } from '../support/smtp.js';
import { ADMIN, Api, PASSWORD, SECRETS } from '../support/test-server.js';

export const MODELS = READ_MODELS.map(({ meta }) => String(meta.name));
export const TRANSFERRED = [...TRANSFER_TABLES.keys()];

type Settings = Record<string, string>;
type Dump = (tables: readonly string[]) => Promise<Record<string, string[]>>;

/** The state of an installation after use, to compare with that of its copy. */
export interface Lived {
  models: Record<string, string[]>;
  transferred: Record<string, string[]>;
  personal: string[];
  /** Bearer token of the super-admin. */
  session: string;
  /** The address of a person who accepted. */
  member: string;
  /** The token of a mailed link that is not used yet. */
  link: string;
  deadLink: string;
  /** The address to which a mail is still to be sent. */
  waiting: string;
  call: { path: string; headers: Settings; body: object; answer: string };
  /** A group's file, with its versions. */
  file: { path: string; versions: readonly string[] };
}

interface Server {
  running: RunningServer;
  dump: Dump;
  /** Waits until every read model shows everything stored so far. */
  caughtUp(): Promise<void>;
  as(token: string | null, headers?: Settings): Api;
  close(): Promise<void>;
}

/** An embedded installation, its export, and the transfer command, as operators run it. */
export class TestInstallationFolder {
  /** How many copies of the installation have been started. Each sends the mail that was waiting. */
  movedTimes = 0;

  private constructor(
    private readonly product: ProductBuild,
    readonly smtp: TestSmtp,
    private readonly root: string,
  ) {}

  static async build(): Promise<TestInstallationFolder> {
    const [product, smtp] = await Promise.all([ProductBuild.make(), TestSmtp.start()]);
    return new TestInstallationFolder(product, smtp, mkdtempSync(join(tmpdir(), 'rolecall-transfer-')));
  }

  get source(): Settings {
    return { DATA_DIR: join(this.root, 'source') };
  }

  get folder(): string {
    return join(this.root, 'export');
  }

  /** A folder for the stored files of a copy. */
  filesOf(name: string): string {
    return join(this.root, `files of ${name}`);
  }

  async remove(): Promise<void> {
    await this.smtp.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Runs `npm run transfer -- …` from a build. @returns the exit code, and both outputs */
  async command(settings: Settings, ...args: string[]): Promise<{ code: number | null; said: string }> {
    const child = this.spawn(settings, args);
    const [said, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code: child.exitCode, said: said + errors };
  }

  settingsFile(settings: Settings): string {
    const path = join(this.root, 'settings.env');
    writeFileSync(
      path,
      Object.entries({ ...SECRETS, ...settings })
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    return path;
  }

  /** Reads from an installation that isn't running. */
  async inside<Seen>(settings: Settings, look: (dump: Dump) => Promise<Seen>): Promise<Seen> {
    const installation = await openInstallation(this.config(settings), false);
    try {
      return await look(dumpOf(installation.database));
    } finally {
      await installation.close();
    }
  }

  /** Runs the import in this process. @param progress an error that it throws interrupts the import */
  async import(settings: Settings, progress: Progress = () => () => undefined): Promise<void> {
    const installation = await openInstallation(this.config(settings), false);
    try {
      await importInstallation(installation, this.folder, progress);
    } finally {
      await installation.close();
    }
  }

  /**
   * Runs an import again and again until it ends by itself. Kills it after a random time, whose limit rises each time.
   * @returns the ms after which each import was killed
   */
  async importKilling(settings: Settings, folder: string, random: Random): Promise<number[]> {
    const kills: number[] = [];
    for (let longest = 1_000; ; longest *= 1.5) {
      const child = this.spawn(settings, ['import', folder]);
      const afterMs = 200 + random.int(longest);
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
      }, afterMs);
      const [errors] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      clearTimeout(timer);
      if (child.exitCode === 0) return kills;
      if (child.signalCode !== 'SIGKILL') throw new Error(errors);
      kills.push(afterMs);
    }
  }

  /** Writes an export of a made-up log and no people. @returns its folder */
  async makeUp(random: Random, events: number): Promise<string> {
    const folder = join(this.root, random.uuid());
    mkdirSync(folder);
    const common = {
      house: random.uuid(),
      schema: MIGRATIONS.at(-1)?.name,
      keys: keyChecks(this.config({ DATABASE_URL: 'postgres://nowhere/none' })),
    };
    for (const [kind, lines] of [
      [PEOPLE_FILE, []],
      [EVENT_FILE, madeUpLog(random, events, Math.ceil(events / 3))],
    ] as const) {
      const writer = await HashChainWriter.create(join(folder, `${kind}.ndjson`), { rolecall: kind, ...common });
      await writer.write(lines);
      await writer.finish();
    }
    return folder;
  }

  async start(settings: Settings): Promise<Server> {
    const logger = createLogger(
      'silent',
      new Writable({
        write: (_line, _encoding, done) => {
          done();
        },
      }),
    );
    const running = await startServer(
      this.config({ SMTP_URL: this.smtp.url, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, ...settings }),
      logger,
    );
    return {
      running,
      dump: dumpOf(running.app.get(Database)),
      caughtUp: async () => {
        for (const runner of running.app.get(ProjectionRunners).all) await runner.mustCatchUp(20_000);
      },
      as: (token, headers) => new Api(running.url, token, headers),
      close: async () => running.close(),
    };
  }

  /**
   * Uses the installation, then stops it. It has invitations in all states, a changed role, a mail that waits, and a
   * reminder in the future.
   */
  async live(): Promise<Lived> {
    const server = await this.start(this.source);
    const { body } = await server.as(null).post('/v1/auth/sign-in/email', ADMIN).expect(200);
    const session = (body as { token: string }).token;
    const admin = server.as(session);
    const created = await admin.post('/v1/organisations', { name: 'Riverside Hospital' }).expect(201);
    const path = `/v1/organisations/${(created.body as { id: string }).id}/staff-invitations`;
    const [member, bob, waiting, mover] = [
      'ann.quux@example.test',
      'bob.quux@example.test',
      'wanda.quux@example.test',
      'cara.quux@example.test',
    ] as const;
    this.smtp.refuse((to) => (to === waiting ? 451 : null));
    const headers = { 'Idempotency-Key': 'the same call' };
    const call = {
      path,
      headers,
      body: { emails: [member, bob, waiting, mover], role: 'contributor', message: 'Marmalade xylophone' },
    };
    const { text: answer } = await server.as(session, headers).post(path, call.body).expect(201);
    const results = (JSON.parse(answer) as { results: { email: string; invitationId: string }[] }).results;
    const deadLink = (await this.smtp.mailTo(bob)).token;
    await admin
      .post(`/v1/staff-invitations/${results.find(({ email }) => email === bob)!.invitationId}/resend`, {})
      .expect(200);
    const link = (await this.smtp.mailTo(bob, 2)).token;
    for (const [email, name] of [
      [member, 'Ann Quuxworthy'],
      [mover, 'Cara Quuxworthy'],
    ] as const) {
      const accepted = await server
        .as(null)
        .post(`/v1/invitations/${(await this.smtp.mailTo(email)).token}/accept`, { name, password: PASSWORD })
        .expect(200);
      if (email === mover)
        await admin
          .patch(`/v1/staff/${(accepted.body as { membershipId: string }).membershipId}`, {
            role: 'admin',
            reason: 'Obsidian farewell',
          })
          .expect(200);
    }
    const groups = path.replace('staff-invitations', 'groups');
    const group = (await admin.post(groups, { name: 'Tumour board' }).expect(201)).body as { id: string };
    const versions = ['The first version', 'The second version'] as const;
    const uploading = admin.call('post', `/v1/groups/${group.id}/files`);
    const uploaded = await uploading.attach('file', Buffer.from(versions[0]), { filename: 'Plan.txt' }).expect(201);
    const file = `/v1/group-files/${(uploaded.body as { id: string }).id}`;
    await admin.call('put', `${file}/content`).set('Content-Type', 'text/plain').send(versions[1]).expect(200);
    const last = await admin
      .post(path, { emails: ['dan.quux@example.test'], role: 'admin', expiresIn: '24h' })
      .expect(201);
    await this.smtp.mailTo('dan.quux@example.test');
    await admin.after(last.headers['event-position']!, path).expect(200);
    await server.caughtUp();
    // The stop records what was sent.
    await server.close();
    this.smtp.refuse(() => null);
    const { models, transferred } = await this.inside(this.source, async (dump) => ({
      models: await dump(MODELS),
      transferred: await dump(TRANSFERRED),
    }));
    for (const rows of [...Object.entries(models), ...Object.entries(transferred)])
      process.stdout.write(`${rows[0]}: ${String(rows[1].length)} rows\n`);
    return {
      models,
      transferred,
      session,
      member,
      link,
      deadLink,
      waiting,
      personal: ['quux', 'Quux', 'Marmalade', 'Obsidian', ADMIN.email],
      call: { ...call, answer },
      file: { path: file, versions },
    };
  }

  private spawn(settings: Settings, args: string[]) {
    const env = { PATH: process.env.PATH, ...SECRETS, ...settings };
    return spawn(process.execPath, [join(dirname(this.product.main), 'events.js'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  private config(settings: Settings) {
    return loadConfig({ PORT: '0', ...SECRETS, ...settings });
  }
}

/** Positions differ from store to store. */
function withoutPosition(row: string): string {
  return JSON.stringify({ ...(JSON.parse(row) as object), position: undefined });
}

function dumpOf(database: Database): Dump {
  return async (tables) => {
    const dumped: Record<string, string[]> = {};
    for (const table of tables) {
      const { rows } = await sql<{
        row: string;
      }>`select row_to_json(t)::text as row from ${sql.table(table)} t`.execute(database.kysely());
      dumped[table] = rows.map(({ row }) => withoutPosition(row)).sort();
    }
    return dumped;
  };
}
