import { readFileSync } from 'node:fs';

/** The product's version, as package.json says it: beside `src`, and beside `dist` where it is installed. */
export const VERSION = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
