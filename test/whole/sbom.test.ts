import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const parsed = <Shape>(path: string): Shape => JSON.parse(readFileSync(path, 'utf8')) as Shape;

interface Sbom {
  bomFormat: string;
  metadata: { component: { name: string; version: string; type: string } };
  components: { name: string; version: string; properties?: { name: string }[] }[];
}
interface Package {
  name: string;
  version: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
}

describe('the bill of materials', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rolecall-sbom-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is made by CI, and names the product and every package that it needs to run', async () => {
    const file = join(folder, 'sbom.cdx.json');
    const { name, version, scripts, dependencies } = parsed<Package>(join(ROOT, 'package.json'));
    await run('npm', ['run', '--silent', 'sbom', '--', file], { cwd: ROOT });
    const { bomFormat, metadata, components } = parsed<Sbom>(file);
    expect([bomFormat, metadata.component]).toEqual([
      'CycloneDX',
      expect.objectContaining({ name, version, type: 'application' }),
    ]);
    const { packages } = parsed<{ packages: Record<string, { version: string; dev?: boolean }> }>(
      join(ROOT, 'package-lock.json'),
    );
    const installed = Object.entries(packages)
      .filter(([path, { dev }]) => path !== '' && !dev)
      .map(([path, one]) => `${path.split('node_modules/').at(-1)!}@${one.version}`);
    const named = components.map((one) => `${one.name}@${one.version}`);
    expect(installed.filter((one) => !named.includes(one))).toEqual([]);
    expect(Object.entries(dependencies).filter(([one, pinned]) => !named.includes(`${one}@${pinned}`))).toEqual([]);
    const forDevelopment = components.filter(({ properties = [] }) =>
      properties.some((property) => property.name === 'cdx:npm:package:development'),
    );
    // Names and versions are compared, because a tool may need another version of a package that the product needs.
    const tools = forDevelopment.map((one) => `${one.name}@${one.version}`);
    expect(Object.entries(dependencies).filter(([one, pinned]) => tools.includes(`${one}@${pinned}`))).toEqual([]);
    expect(forDevelopment.map((one) => one.name)).toEqual(expect.arrayContaining(['eslint', 'jest']));
    expect([
      Object.keys(scripts).includes('sbom'),
      /^check npm run sbom/m.test(readFileSync(join(ROOT, '.ci/run'), 'utf8')),
    ]).toEqual([true, true]);
  });

  it('is not written when it would lack a dependency', async () => {
    cpSync(join(ROOT, 'package-lock.json'), join(folder, 'package-lock.json'));
    const own = parsed<Package>(join(ROOT, 'package.json'));
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ ...own, dependencies: { ...own.dependencies, 'not-in-the-lock-file': '1.0.0' } }),
    );
    await expect(
      run(process.execPath, [join(ROOT, 'scripts/sbom.mjs'), 'out.json'], { cwd: folder }),
    ).rejects.toThrow();
    expect(existsSync(join(folder, 'out.json'))).toBe(false);
  });
});
