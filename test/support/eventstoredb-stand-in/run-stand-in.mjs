// The stand-in as a process of its own: `node run-stand-in.mjs [port]`. Writes {"msg":"ready","url":…} when it listens. Then each line of its
// standard input names a member of StandIn, `["stall", 500]` or `["counters"]`, and is answered by {"msg":"done","result":…}. Ends with its standard input.
import { registerHooks } from 'node:module';
import { createInterface } from 'node:readline';

const HERE = import.meta.resolve('./');

// Node runs the TypeScript as it is, once `./log.js` is read as the `./log.ts` that is there.
registerHooks({
  resolve: (specifier, context, next) => next(context.parentURL?.startsWith(HERE) ? specifier.replace(/^(\.\/.*)\.js$/, '$1.ts') : specifier, context),
});

const { StandIn } = await import('./stand-in.js');
const standIn = await StandIn.start({ port: Number(process.argv[2] ?? 0) });
const say = (message) => { process.stdout.write(`${JSON.stringify(message)}\n`); };
say({ msg: 'ready', url: standIn.connectionString });
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = JSON.parse(line);
  const member = standIn[name];
  say({ msg: 'done', result: typeof member === 'function' ? await member.apply(standIn, args) : member });
}
await standIn.stop();
