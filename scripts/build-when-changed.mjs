import { execSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';

const BUILT = 'dist/.built';

/** Builds when a source file is newer than the last finished build. */
export function buildWhenChanged() {
  // Folders count too, because their time changes when a file is removed.
  const sources = [
    'src',
    '.swcrc',
    'package.json',
    ...readdirSync('src', { recursive: true })
      .filter((path) => !path.endsWith('.test.ts'))
      .map((path) => `src/${path}`),
  ];
  if (Math.max(...sources.map(changedAt)) < changedAt(BUILT)) return;
  execSync('node --run build', { stdio: 'inherit' });
  writeFileSync(BUILT, '');
}

function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
