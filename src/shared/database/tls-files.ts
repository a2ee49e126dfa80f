import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { isCertificate } from '../network/certificate.js';

/** Parameters of a connection URL that name a PEM file. */
export const TLS_FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;
type TlsFiles = Partial<Record<(typeof TLS_FILES)[number], string>>;

/** libpq refuses these permissions too: a key that group or others may use. The group may read a key of root. */
const TOO_OPEN = 0o077;
const TOO_OPEN_OF_ROOT = 0o037;

/**
 * Returns what is wrong with these files, as half a sentence without their names; null when the driver can use them.
 */
export function problemWithTlsFiles(files: TlsFiles): string | null {
  if ((files.sslcert === undefined) !== (files.sslkey === undefined))
    return 'has sslcert or sslkey alone: they go together';
  if (files.sslrootcert === 'system')
    return 'has sslrootcert=system: leave it out, and verify-full trusts the authorities that Node.js knows';
  const texts: TlsFiles = {};
  for (const name of TLS_FILES) {
    const path = files[name];
    if (path === undefined) continue;
    try {
      texts[name] = readFileSync(path, 'utf8');
    } catch (error) {
      return `has an ${name} that can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
    }
  }
  if (files.sslkey !== undefined && isTooOpen(files.sslkey))
    return 'has an sslkey that others may read: chmod 600 that file';
  return problemWithTexts(texts);
}

function problemWithTexts({ sslrootcert, sslcert, sslkey }: TlsFiles): string | null {
  const bad = Object.entries({ sslrootcert, sslcert }).find(
    ([, text]) => text !== undefined && !isCertificate(text),
  )?.[0];
  if (bad !== undefined) return `has an ${bad} without a certificate in PEM`;
  try {
    createSecureContext({ cert: sslcert, key: sslkey });
    return null;
  } catch (error) {
    return `has an sslkey that doesn't belong to its sslcert, or is encrypted (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}

function isTooOpen(path: string): boolean {
  if (process.platform === 'win32') return false;
  const { mode, uid } = statSync(path);
  return (mode & (uid === 0 ? TOO_OPEN_OF_ROOT : TOO_OPEN)) !== 0;
}
