// Builds the product and runs it, and does both again after a change in src. It ignores tests beside their files, which
// Node's own watcher can't.
import './needs-node.mjs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { buildWhenChanged } from './build-when-changed.mjs';

/** The script waits this long after a change, because an editor writes files in several steps. */
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
    // The compiler has printed the error. The next change starts the next attempt.
    return;
  }
  product = spawn(process.execPath, [...process.argv.slice(2), 'dist/main.js'], {
    stdio: 'inherit',
    // The portal then serves the page of its components.
    env: { NODE_ENV: 'development', ...process.env },
  });
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
