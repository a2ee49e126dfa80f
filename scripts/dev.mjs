// Run under `node --watch-path=src`: builds, then starts what was built; a change in src does both again.
import './needs-node.mjs';
import { execSync } from 'node:child_process';

execSync('npm run --silent build', { stdio: 'inherit' });
await import('../dist/main.js');
