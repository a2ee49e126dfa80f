import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

const path = findPackageJSON('.', import.meta.url);

/** The product's, as its package says it: what log lines carry. The package is the nearest one, wherever a build puts this file. */
export const VERSION =
  path === undefined ? 'unknown' : (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
