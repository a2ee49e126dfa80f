import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Browsers keep a file that pages load for a year, because its address changes with its content. */
export const KEPT_FOR_A_YEAR = 'public, max-age=31536000, immutable';

/** A file that pages load, and the version in its address. */
interface Asset {
  text: string;
  version: string;
}

/** @param files are joined in this order */
export function readAsset(...files: readonly URL[]): Asset {
  return assetOf(files.map((file) => readFileSync(file, 'utf8')).join('\n'));
}

export function assetOf(text: string): Asset {
  return { text, version: createHash('sha256').update(text).digest('hex').slice(0, 12) };
}

/** The portal's own script: small improvements of pages that work without it. */
export const SCRIPT = readAsset(
  ...['shell/portal.js', 'invite/invite.js', 'groups/network.js'].map((file) => new URL(file, import.meta.url)),
);
/** It loads parts of a page. Its source map isn't served. */
export const HTMX = readAsset(new URL(import.meta.resolve('htmx.org/dist/htmx.min.js')));
