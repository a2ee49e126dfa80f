import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

describe('scripts that dependencies run when they are installed', () => {
  const { allowScripts, scarfSettings } = JSON.parse(read('package.json')) as {
    allowScripts: Record<string, boolean>;
    scarfSettings: object;
  };
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };

  it('are named one by one, and only the script of the package node runs, because it installs Node', () => {
    const withScripts = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.split('node_modules/').at(-1)!);
    // The names have no versions, because npm takes no version from a lock file without addresses. package.json and the
    // lock file pin the versions.
    expect(Object.keys(allowScripts).sort()).toEqual([...new Set(withScripts)].sort());
    expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(['node']);
  });

  it('stop the installation when package.json does not name one of them', () => {
    expect(read('.npmrc').split('\n')).toContain('strict-allow-scripts=true');
  });

  it('send no usage data, even under an older npm, which runs all of them', () => {
    expect(scarfSettings).toEqual({ enabled: false });
  });
});
