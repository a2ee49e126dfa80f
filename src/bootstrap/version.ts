import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

const path = findPackageJSON('.', import.meta.url);

/**
 * The product's version from its package.json. It reads the nearest package.json, so that a build may move this file. `unknown`
 * where that file names none.
 */
export const VERSION = (path === undefined ? undefined : versionIn(path)) ?? 'unknown';

function versionIn(file: string): string | undefined {
  return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version;
}
