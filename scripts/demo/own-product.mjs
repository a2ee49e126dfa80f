import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Known to everybody who reads this: for a product that only this machine reaches. */
export const DEMO_ADMIN = { email: 'admin@demo.example', password: 'rolecall demo' };

/**
 * Starts a product with its data in ./data-demo. `ended` resolves once it has stopped: Ctrl-C stops both.
 * @throws with what it said when it ends instead of taking requests
 */
export async function startOwnProduct() {
  console.log('Starting a product of its own; the first time takes a while …');
  const { PATH, HOME, PORT = '0' } = process.env;
  const env = {
    PATH,
    HOME,
    PORT,
    HOST: '127.0.0.1',
    DATA_DIR: './data-demo',
    ADMIN_EMAIL: DEMO_ADMIN.email,
    ADMIN_PASSWORD: DEMO_ADMIN.password,
  };
  const child = spawn(process.execPath, ['scripts/start.mjs'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop());
  const said = [];
  const { promise: ready, resolve, reject } = Promise.withResolvers();
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(line);
    if (said.length > 20) said.shift();
    const url = urlIn(line);
    if (url) resolve(url);
  });
  void ended.then(() => reject(new Error(`the product ended:\n${said.join('\n')}`)));
  return { url: await ready, ended, stop };
}

function urlIn(line) {
  if (!line.startsWith('{')) return null;
  const { msg, url } = JSON.parse(line);
  return msg === 'ready' ? url : null;
}
