// Builds the product and runs it. A change in src does both again, unless it is one of a test beside its file, as node's own watcher can't tell.
import './needs-node.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { buildWhenChanged } from './build-when-changed.mjs';

/** An editor writes a file, or several, in more than one step. */
const WRITTEN_MS = 200;

let product;
let again;

async function stop() {
  if (!product || product.exitCode !== null || product.signalCode !== null) return;
  const gone = once(product, 'exit');
  product.kill('SIGTERM');
  await gone;
}

async function start() {
  await stop();
  try {
    buildWhenChanged();
  } catch {
    // The compiler has said what is wrong; the next change is the next attempt.
    return;
  }
  product = spawn(process.execPath, [...process.argv.slice(2), 'dist/main.js'], { stdio: 'inherit' });
}

let work = start();
watch('src', { recursive: true }, (_, file) => {
  if (file?.endsWith('.test.ts')) return;
  clearTimeout(again);
  again = setTimeout(() => {
    work = work.then(start);
  }, WRITTEN_MS);
});
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await work;
    await stop();
    process.exit();
  });
