// The process behind `load`: one task, one result.
import { randomBytes } from 'node:crypto';
import autocannon from 'autocannon';
import type { LoadResult, LoadTask } from './load.js';

process.once('message', (task: LoadTask) => void run(task).then((result) => process.send?.(result)));

async function run(task: LoadTask): Promise<LoadResult> {
  const tag = randomBytes(4).toString('hex');
  let count = 0;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const seen = await autocannon({
    url: task.url,
    connections: task.connections,
    ...(task.calls ? { amount: task.calls } : { duration: task.seconds ?? 10 }),
    timeout: 60,
    requests: [
      {
        method: 'POST',
        path: task.path,
        headers: { authorization: `Bearer ${task.token}`, 'content-type': 'application/json', origin: task.url },
        setupRequest: (request) => {
          count += 1;
          const address = `person-${tag}-${String(count)}@bench.test`;
          return { ...request, body: JSON.stringify({ ...task.body, [task.addressIn]: task.addressIn === 'emails' ? [address] : address }) };
        },
      },
    ],
  });
  const seconds = task.calls ? (performance.now() - startedAt) / 1000 : seen.duration;
  const cpu = process.cpuUsage(before);
  const refused = seen.non2xx + seen.errors + seen.timeouts;
  return { answered: seen['2xx'], refused, seconds, perSecond: seen['2xx'] / seconds, p50: seen.latency.p50, p99: seen.latency.p99, cpu: (cpu.user + cpu.system) / 1e6 };
}
