// Runs the fake as a process: `node run-fake.mjs [port]`. It writes {"msg":"ready","url":…} when it listens. Each line
// of its standard input names a member of FakeEventStoreDb, `["stall", 500]` or `["counters"]`. The answer to a line is
// {"msg":"done","result":…}. The process ends with its standard input.
import { createInterface } from 'node:readline';
import '../../runner/typescript.mjs';

const { FakeEventStoreDb } = await import('./fake.ts');
const fake = await FakeEventStoreDb.start({ port: Number(process.argv[2] ?? 0) });
const say = (message) => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};
say({ msg: 'ready', url: fake.connectionString });
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = JSON.parse(line);
  const member = fake[name];
  say({ msg: 'done', result: typeof member === 'function' ? await member.apply(fake, args) : member });
}
await fake.stop();
