// Scripts that start the product import this file first. It gives an older Node a sentence instead of a syntax error.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = Number(/\d+/.exec(engines.node)[0]);

if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    `Rolecall needs Node ${needed} or newer, and this is ${process.versions.node}. \`npm ci\` brings the right one, and npm's commands then use it: ` +
      'run it with its install scripts and development dependencies, or install Node ' +
      `${needed} yourself.`,
  );
  process.exit(1);
}
