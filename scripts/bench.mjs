// Builds src and bench into a folder of its own, then measures what was built: `npm run bench`. docs/performance.md says more.
import { execSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const OUT = 'bench/.build';
// Not `bench` itself: it holds a peer with all its packages.
const sources = readdirSync('bench').filter((name) => name.endsWith('.ts') || ['lines', 'support'].includes(name));

execSync(
  `swc src ${sources.map((name) => `bench/${name}`).join(' ')} --ignore '**/*.test.ts' --out-dir ${OUT} --copy-files --delete-dir-on-start --quiet`,
  { stdio: 'inherit' },
);
await import(`../${OUT}/bench/${process.argv.includes('--profile') ? 'profile' : 'run'}.js`);
