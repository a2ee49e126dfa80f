// `--import` loads this file into the product for a profile. The first SIGUSR2 starts the observation. The second ends
// it and writes the result to BENCH_OBSERVE_FILE. The result is a CPU profile. With BENCH_OBSERVE=statements it is the
// number of sendings and the response time of each SQL statement.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface StatementCount {
  text: string;
  count: number;
  /** Milliseconds until the responses arrived, waiting included. */
  waited: number;
}

interface Driver {
  Client: { prototype: { query: (...args: unknown[]) => unknown } };
}

const file = process.env.BENCH_OBSERVE_FILE ?? '';
const watch = process.env.BENCH_OBSERVE === 'statements' ? watchStatements() : watchCpu();
let watching = false;
process.on('SIGUSR2', () => {
  watching = !watching;
  void (watching
    ? watch.begin()
    : watch.end().then((seen) => {
        writeFileSync(file, JSON.stringify(seen));
      }));
});

function watchCpu(): { begin(): Promise<void>; end(): Promise<unknown> } {
  const session = new Session();
  return {
    async begin() {
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: 500 });
      await session.post('Profiler.start');
    },
    end: async () => (await session.post('Profiler.stop')).profile,
  };
}

function watchStatements(): { begin(): Promise<void>; end(): Promise<StatementCount[]> } {
  const seen = new Map<string, StatementCount>();
  const { Client } = createRequire(createRequire(join(process.cwd(), 'package.json')).resolve('@mikro-orm/postgresql'))(
    'pg',
  ) as Driver;
  const query = Client.prototype.query;
  Client.prototype.query = function (this: unknown, ...args: unknown[]) {
    const [first] = args;
    const text = typeof first === 'string' ? first : ((first as { text?: string } | null)?.text ?? 'unknown');
    const startedAt = performance.now();
    const answer: unknown = query.apply(this, args);
    if (answer instanceof Promise)
      answer.then(
        () => {
          note(text, performance.now() - startedAt);
        },
        () => {
          note(text, 0);
        },
      );
    else note(text, 0);
    return answer;
  };
  const note = (text: string, waited: number): void => {
    const short = text.replaceAll(/\s+/g, ' ').trim().slice(0, 160);
    const known = seen.get(short) ?? { text: short, count: 0, waited: 0 };
    seen.set(short, { text: short, count: known.count + 1, waited: known.waited + waited });
  };
  return {
    begin: async () => {
      seen.clear();
      return Promise.resolve();
    },
    end: async () => Promise.resolve([...seen.values()].sort((a, b) => b.count - a.count)),
  };
}
