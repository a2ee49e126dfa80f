// Runs as a process of its own, and sends small requests until its standard input ends. Each of four clients sends one
// request after the other, at most PER_SECOND / 4 a second.
// Then it writes one JSON list of {what, at, ms, status}, with `at` in milliseconds since 1970.
import { setTimeout } from 'node:timers/promises';

const { URL_OF_PRODUCT: url, TOKEN: token, ORGANISATION_PATH: path, PER_SECOND: perSecond } = process.env;
const seen = [];
let stopped = false;

const CLIENTS = {
  me: () => ask('GET', '/v1/me'),
  list: () => ask('GET', `${path}/staff-invitations?limit=50`),
  invite: (n) =>
    ask('POST', `${path}/staff-invitations`, {
      emails: [`single-${process.pid}-${n}@example.test`],
      role: 'contributor',
    }),
  live: () => ask('GET', '/health/live'),
};
const PACE_MS = (1000 / Number(perSecond)) * Object.keys(CLIENTS).length;

function ask(method, where, body) {
  const headers = { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) };
  return fetch(url + where, { method, headers, body: body && JSON.stringify(body) });
}

async function client(what, send) {
  for (let n = 0; !stopped; n += 1) {
    const at = performance.now();
    const status = await send(n).then(
      async (answer) => (await answer.arrayBuffer(), answer.status),
      () => 0,
    );
    const ms = performance.now() - at;
    seen.push({ what, at: performance.timeOrigin + at, ms, status });
    await setTimeout(Math.max(0, PACE_MS - ms));
  }
}

process.stdin.resume();
process.stdin.once('end', () => {
  stopped = true;
});
await Promise.all(Object.entries(CLIENTS).map(([what, send]) => client(what, send)));
process.stdout.write(JSON.stringify(seen));
