// Prints which files of src run while one invitation goes from its route to the mail server: `npm run trace`. Builds
// first when needed.
// The installation is new, embedded and warm. A file counts as run when one of its functions ran between the call and
// the outcome of the mail.
// Files that also run in an idle second, or for a signed-in call with a refused body, are printed apart, because no
// invitation adds them.
import './needs-node.mjs';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SMTPServer } from 'smtp-server';
import { buildWhenChanged } from './build-when-changed.mjs';

const ADMIN = { ADMIN_EMAIL: 'admin@rolecall.example', ADMIN_PASSWORD: 'trace this invitation' };
const IDLE_MS = 1000;
const DIST = new URL('../dist/', import.meta.url);

buildWhenChanged();
const [{ loadConfig }, { createLogger }, { startServer }] = await Promise.all(
  ['config', 'logging', 'server'].map(async (name) => import(new URL(`bootstrap/${name}.js`, DIST).href)),
);

const profiler = new Session();
profiler.connect();
await profiler.post('Profiler.enable');
await profiler.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

/** Returns the files with a function that ran since the last call. */
async function filesThatRan() {
  const { result } = await profiler.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url, functions }) => url.startsWith(DIST.href) && functions.some(({ ranges: [{ count }] }) => count > 0))
    .map(({ url }) => fileURLToPath(url).slice(fileURLToPath(DIST).length).replace(/\.js$/, '.ts'))
    .sort();
}

const mailServer = new SMTPServer({
  authOptional: true,
  logger: false,
  onData(stream, _session, done) {
    stream.resume().on('end', () => {
      done();
      mailServer.emit('mail');
    });
  },
});
mailServer.listen(0, '127.0.0.1');
await once(mailServer.server, 'listening');
const folder = mkdtempSync(join(tmpdir(), 'rolecall-trace-'));
const settings = {
  ...ADMIN,
  DATA_DIR: folder,
  PORT: '0',
  SMTP_URL: `smtp://127.0.0.1:${mailServer.server.address().port}`,
};
const server = await startServer(loadConfig(settings), createLogger('fatal'));
try {
  const post = async (path, body, headers = {}) => {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const { token } = await post('/auth/sign-in/email', { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD });
  const headers = { authorization: `Bearer ${token}` };
  const { id } = await post('/v1/organisations', { name: 'Traced Hospital' }, headers);
  const invite = async (email) => {
    const mailed = once(mailServer, 'mail');
    await post(`/v1/organisations/${id}/staff-invitations`, { emails: [email], role: 'contributor' }, headers);
    await mailed;
    // The product records the outcome after the mail server has the mail.
    await setTimeout(IDLE_MS);
  };
  await invite('warm@rolecall.example');
  await filesThatRan();
  await setTimeout(2 * IDLE_MS);
  await fetch(`${server.url}/v1/organisations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"name": 1}',
  });
  const anyCall = new Set(await filesThatRan());
  await invite('ann@rolecall.example');
  const ran = await filesThatRan();
  const [own, shared] = [ran.filter((file) => !anyCall.has(file)), ran.filter((file) => anyCall.has(file))];
  console.log(`${own.join('\n')}\n\nThese run for any call, or all the time:\n${shared.join('\n')}`);
  console.log(`\n${ran.length} files run, ${own.length} of them for the invitation.`);
} finally {
  await server.close();
  mailServer.close();
  rmSync(folder, { recursive: true, force: true });
}
