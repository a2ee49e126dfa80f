// Builds when something in src is newer than the last finished build, then starts what was built.
import { execSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';

const BUILT = 'dist/.built';
const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
// Folders too: theirs changes when a file is removed.
const sources = ['src', '.swcrc', 'package.json', ...readdirSync('src', { recursive: true }).map((path) => `src/${path}`)];

if (Math.max(...sources.map(changedAt)) >= changedAt(BUILT)) {
  execSync('node --run build', { stdio: 'inherit' });
  writeFileSync(BUILT, '');
}
// What Node compiles is kept between starts, in the system's temporary folder.
enableCompileCache();
await import('../dist/main.js');
