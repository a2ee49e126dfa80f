import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

const path = findPackageJSON('.', import.meta.url);

/**
 * The product's version from its package.json. It reads the nearest package.json, so that a build may move this file.
 */
export const VERSION =
  path === undefined ? 'unknown' : (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
