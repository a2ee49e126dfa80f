// A process of its own that asks for small things until its standard input ends: four clients, each one request after
// the other and
// none faster than PER_SECOND / 4. Then it writes what it saw as one JSON list of {what, at, ms, status}, `at` in milliseconds since 1970.
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
