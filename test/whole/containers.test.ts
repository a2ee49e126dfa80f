import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { DCLinter } from 'dclint';
import { parse } from 'yaml';
import { loadConfig, SETTINGS } from '../../src/bootstrap/config.js';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

interface Service {
  image: string;
  build?: string;
  user?: string;
  profiles?: string[];
  networks: string[];
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
  healthcheck: { test: string[] };
}
interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, object>;
}

/**
 * The violations that a linter of compose files finds: of the Compose Specification's schema, and of these rules alone.
 */
function offences(content: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-compose-'));
  try {
    const path = join(folder, 'docker-compose.yml');
    writeFileSync(path, content);
    const rules = {
      'no-duplicate-container-names': 2,
      'no-duplicate-exported-ports': 2,
      'no-unbound-port-interfaces': 2,
      'no-version-field': 2,
      'service-image-require-explicit-tag': 2,
    } as const;
    const [result] = new DCLinter({ rules, quiet: false, debug: false, exclude: [] }).lintFiles([path], false);
    const messages = result!.messages as { rule: string; message: string }[];
    return messages
      .filter(({ rule }) => rule === 'invalid-schema' || rule in rules)
      .map(({ rule, message }) => `${rule}: ${message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('docker-compose.yml, which no engine ran', () => {
  const text = read('docker-compose.yml');
  const { services, networks, volumes } = parse(text, { merge: true }) as Compose;
  const all = Object.entries(services);

  it('fits the schema of the Compose Specification, and publishes each port once and on this machine alone', () => {
    expect(offences(text)).toEqual([]);
    for (const [, { ports = [] }] of all) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('is reported when it breaks the schema or one of the rules', () => {
    expect(offences(text.replace('stop_grace_period', 'stop_grace_time'))).toEqual([
      expect.stringContaining('invalid-schema'),
    ]);
    expect(offences(text.replace('127.0.0.1:3000', '3000'))).toEqual([
      expect.stringContaining('no-unbound-port-interfaces'),
    ]);
    expect(offences(text.replace('postgres:17.6-bookworm', 'postgres:latest'))).toEqual([
      expect.stringContaining('service-image-require-explicit-tag'),
    ]);
  });

  it('sets only settings that the product knows, and requires each secret in .env', () => {
    const environment = services['product']!.environment!;
    expect(Object.keys(environment).filter((name) => !(name in SETTINGS))).toEqual([]);
    for (const name of [
      'LINK_SECRET',
      'MASTER_KEY',
      'PERSON_SECRET',
      'SESSION_SECRET',
      'ADMIN_EMAIL',
      'ADMIN_PASSWORD',
    ]) {
      expect(environment[name]).toBe(`\${${name}:?set it in .env}`);
    }
    const used = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name));
    const offered = [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)];
    expect(offered.map(([, name]) => name).sort()).toEqual([...used].sort());
    expect(
      offered
        .filter(([, , value]) => value !== '')
        .map(([, name]) => name)
        .sort(),
    ).toEqual(['EVENTSTORE_URL', 'PUBLIC_URL']);
    expect(read('.gitignore').split('\n')).toContain('.env');
  });

  it('gives the product valid settings once .env is filled in, with one event store node or three', () => {
    const secret = 'made-up-0123456789-abcdefghijklmnopqrstuvwxyz';
    const filled: Record<string, string> = {
      LINK_SECRET: secret,
      MASTER_KEY: secret,
      PERSON_SECRET: secret,
      SESSION_SECRET: secret,
      POSTGRES_PASSWORD: 'abcdef',
      ADMIN_EMAIL: 'root@example.org',
      ADMIN_PASSWORD: secret,
    };
    const urls = [...read('.env.example').matchAll(/EVENTSTORE_URL=(\S+)/g)].map(([, url]) => url!);
    expect(urls).toHaveLength(2);
    for (const url of urls) {
      const environment = Object.entries(services['product']!.environment!).map(([name, value]) => [
        name,
        value.replaceAll(/\$\{([A-Z_]+)(?::-([^}]*))?[^}]*\}/g, (_, key: string, fallback = '') =>
          key === 'EVENTSTORE_URL' ? url : (filled[key] ?? String(fallback)),
        ),
      ]);
      expect(loadConfig(Object.fromEntries(environment) as Record<string, string>)).toMatchObject({
        eventStoreUrl: url,
        smtpUrl: 'smtp://mail:1025',
      });
      for (const [, host] of url.matchAll(/(?:\/\/|,)([a-z0-9-]+):2113/g))
        expect(Object.keys(services)).toContain(host);
    }
  });

  it('shows how to give a secret as a file, and its lines work', () => {
    const [, variable, service, top] =
      /^# ( +MASTER_KEY_FILE: .+)\n# and add.*\n# ( +secrets: .+)\n# (secrets: .+)$/m.exec(text)!;
    const changed = `${text.replace(/^ +MASTER_KEY: .+$/m, variable!).replace('    image: rolecall', `${service!}\n    image: rolecall`)}\n${top!}\n`;
    expect(offences(changed)).toEqual([]);
    const {
      services: { product },
      secrets,
    } = parse(changed, { merge: true }) as Compose & {
      services: Record<string, { secrets: string[] }>;
      secrets: Record<string, { file: string }>;
    };
    expect([product!.secrets, Object.keys(secrets)]).toEqual([['master_key'], ['master_key']]);
    expect(product!.environment).toMatchObject({ MASTER_KEY_FILE: '/run/secrets/master_key' });
    expect(Object.keys(product!.environment!)).not.toContain('MASTER_KEY');
    expect(read('.gitignore').split('\n')).toContain('secrets/');
  });

  it("pins every image, mounts every volume, checks every service's health, and runs the product as no root", () => {
    for (const [name, { image, healthcheck }] of all) {
      expect([name, image]).toEqual([name, expect.stringMatching(/^[a-z/]+:v?\d+\.\d+(?:\.\d+)?(?:-[a-z]+)*$/)]);
      expect([name, healthcheck.test.length]).toEqual([name, expect.any(Number)]);
    }
    const mounted = all.flatMap(([, { volumes: some = [] }]) => some.map((volume) => volume.split(':')[0]));
    expect(mounted.sort()).toEqual(Object.keys(volumes).sort());
    expect(services['product']).toMatchObject({ build: '.', user: 'node', read_only: true, cap_drop: ['ALL'] });
    expect(services['product']!.healthcheck.test.join(' ')).toContain('/health/ready');
  });

  it('exposes only the product and the mail catcher, and says that its event store is insecure', () => {
    expect(networks['inside']!.internal).toBe(true);
    expect(all.filter(([, service]) => service.networks.includes('outside')).map(([name]) => name)).toEqual([
      'product',
      'mail',
    ]);
    expect(text).toContain('runs INSECURE');
  });

  it('has three nodes in the profile "cluster" that know each other', () => {
    const nodes = all.filter(([, { profiles = [] }]) => profiles.includes('cluster'));
    expect(nodes.map(([name]) => name)).toEqual(['events-1', 'events-2', 'events-3']);
    for (const [name, { environment }] of nodes) {
      const others = nodes.map(([other]) => other).filter((other) => other !== name);
      expect(environment).toMatchObject({
        EVENTSTORE_CLUSTER_SIZE: '3',
        EVENTSTORE_INSECURE: 'true',
        EVENTSTORE_DISCOVER_VIA_DNS: 'false',
        EVENTSTORE_GOSSIP_SEED: others.map((other) => `${other}:2113`).join(','),
        EVENTSTORE_NODE_HOST_ADVERTISE_AS: name,
        EVENTSTORE_REPLICATION_HOST_ADVERTISE_AS: name,
      });
    }
  });
});

/**
 * Installs what `npm ci --omit=dev` installs. It copies the packages that npm lists for production, unless IMAGE_NPM_CI
 * asks for npm and its network.
 */
async function installProductionDependencies(folder: string): Promise<void> {
  const run = promisify(execFile);
  if (process.env.IMAGE_NPM_CI) {
    await run('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: folder });
    return;
  }
  process.stdout.write('production dependencies are copied: IMAGE_NPM_CI is not set\n');
  const { stdout } = await run('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: ROOT,
    maxBuffer: 16 * 1024 * 1024,
  });
  for (const path of stdout
    .trim()
    .split('\n')
    .filter((line) => line !== ROOT)) {
    // A package inside another package is copied with it.
    const inside = relative(ROOT, path);
    if (inside.split('node_modules').length === 2) cpSync(path, join(folder, inside), { recursive: true });
  }
}

describe('the Dockerfile, which no engine ran', () => {
  const text = read('Dockerfile');
  const instructions = (name: string): string[] =>
    [...text.matchAll(new RegExp(`^${name} (.+)$`, 'gm'))].map(([, rest]) => rest!);

  it('builds in stages on one pinned image, runs as an ordinary user, and is checked by an existing route', () => {
    const images = instructions('FROM').map((from) => from.split(' ')[0]);
    expect([images.length, new Set(images).size, images[0]]).toEqual([
      3,
      1,
      expect.stringMatching(/^node:24\.\d+\.\d+-bookworm-slim$/),
    ]);
    expect(text.slice(text.indexOf('\nUSER node'))).not.toMatch(/^(?:RUN|COPY|USER root)/m);
    expect(text).toContain('/health/ready');
    expect(
      instructions('ENV')
        .join(' ')
        .split(' ')
        .map((pair) => pair.split('=')[0]!)
        .filter((name) => !(name in SETTINGS)),
    ).toEqual(['NODE_ENV']);
  });

  it('gets past .dockerignore exactly what it copies, and no secret', () => {
    const [everything, ...rest] = read('.dockerignore').trim().split('\n');
    const letIn = rest.filter((name) => name.startsWith('!'));
    expect([everything, rest.filter((name) => !letIn.includes(name))]).toEqual(['*', ['src/**/*.test.ts']]);
    const copied = instructions('COPY')
      .filter((what) => !what.startsWith('--from'))
      .flatMap((what) => what.split(' ').slice(0, -1));
    expect([...new Set(copied)].sort()).toEqual(letIn.map((name) => name.slice(1)).sort());
  });

  it('starts the product and the transfer command with production dependencies alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-image-'));
    const run = promisify(execFile);
    try {
      for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(ROOT, name), join(folder, name));
      expect(instructions('RUN')).toContain('npm ci --omit=dev --ignore-scripts');
      await installProductionDependencies(folder);
      await run('npm', ['run', '--silent', 'build', '--', '--out-dir', join(folder, 'dist')], { cwd: ROOT });
      const built = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
      expect(built.filter((file) => file.includes('.test.'))).toEqual([]);
      mkdirSync(join(folder, 'data'));
      const env = { PATH: process.env.PATH, NODE_ENV: 'production', PORT: '0', DATA_DIR: join(folder, 'data') };
      const child = spawn(process.execPath, ['dist/main.js'], {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines: string[] = [];
      const url = await new Promise<string>((ready, failed) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
          lines.push(line);
          if (line.includes('"ready"')) ready((JSON.parse(line) as { url: string }).url);
        });
        child.once('exit', () => {
          failed(new Error(lines.join('\n')));
        });
      });
      expect((await fetch(`${url}/health/ready`)).status).toBe(200);
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await gone).toEqual([0, null]);
      const { stdout } = await run(process.execPath, ['dist/transfer.js', 'export', join(folder, 'export')], {
        cwd: folder,
        env,
      });
      expect(stdout).toMatch(/^exported \d+ rows and \d+ events/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 300_000);
});
