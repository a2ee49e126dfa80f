// `npm run bench` builds src and bench into a separate folder, then measures the build (docs/performance/method.md).
import { execSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const OUT = 'bench/.build';
// The list leaves out `bench/peers`, because a peer's folder holds all its packages.
const sources = readdirSync('bench').filter((name) => name.endsWith('.ts') || ['lines', 'support'].includes(name));

execSync(
  `swc src ${sources.map((name) => `bench/${name}`).join(' ')} --ignore '**/*.test.ts' --out-dir ${OUT} --copy-files --delete-dir-on-start --quiet`,
  { stdio: 'inherit' },
);
await import(`../${OUT}/bench/${process.argv.includes('--profile') ? 'profile' : 'run'}.js`);
