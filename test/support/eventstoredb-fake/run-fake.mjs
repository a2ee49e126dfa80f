// The stand-in as a process of its own: `node run-stand-in.mjs [port]`. Writes {"msg":"ready","url":…} when it listens. Then each line of its
// standard input names a member of StandIn, `["stall", 500]` or `["counters"]`, and is answered by {"msg":"done","result":…}. Ends with its standard input.
import { createInterface } from 'node:readline';
import '../../runner/typescript.mjs';

const { StandIn } = await import('./fake.ts');
const standIn = await StandIn.start({ port: Number(process.argv[2] ?? 0) });
const say = (message) => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};
say({ msg: 'ready', url: standIn.connectionString });
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = JSON.parse(line);
  const member = standIn[name];
  say({ msg: 'done', result: typeof member === 'function' ? await member.apply(standIn, args) : member });
}
await standIn.stop();
