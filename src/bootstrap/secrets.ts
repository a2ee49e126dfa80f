import { hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SECRETS_FILE } from './data-directory.js';

const SECRETS = ['LINK_SECRET', 'MASTER_KEY', 'PERSON_SECRET', 'SESSION_SECRET'] as const;
const MIN_LENGTH = 32;
const MIN_DISTINCT_CHARACTERS = 10;

export type Secrets = Record<(typeof SECRETS)[number], string>;

/**
 * Reads the four secrets from the environment. In embedded mode, `secrets.json` provides the others; the first start
 * makes it.
 * Adds what is missing or weak to `problems`.
 * @param dataDir null in server mode
 */
export function readSecrets(env: NodeJS.ProcessEnv, dataDir: string | null, problems: string[]): Secrets {
  const made = dataDir === null ? {} : embeddedSecrets(dataDir);
  if (!made) problems.push(`${SECRETS_FILE} in DATA_DIR can't be read or made`);
  const secrets = {} as Secrets;
  for (const name of SECRETS) {
    secrets[name] = env[name]?.trim() || (made?.[name] ?? '');
    const parts = name === 'LINK_SECRET' ? secrets[name].split(',') : [secrets[name]];
    if (!secrets[name]) {
      if (made)
        problems.push(
          dataDir === null
            ? `${name} is required when DATABASE_URL is set`
            : `${name} is missing in ${SECRETS_FILE} in DATA_DIR: restore that file`,
        );
    } else if (parts.some((part) => isWeak(part.trim()))) {
      problems.push(
        `${name} is too weak: use at least ${String(MIN_LENGTH)} random characters, for example from "openssl rand -base64 48"`,
      );
    }
  }
  return secrets;
}

function isWeak(secret: string): boolean {
  return secret.length < MIN_LENGTH || new Set(secret).size < MIN_DISTINCT_CHARACTERS;
}

/** Returns the embedded installation's secrets, and makes them at the first start. Returns null when that fails. */
function embeddedSecrets(dataDir: string): Partial<Secrets> | null {
  const file = join(dataDir, SECRETS_FILE);
  try {
    if (!existsSync(file)) makeSecretsFile(dataDir, file);
    return readSecretsFile(file);
  } catch {
    return null;
  }
}

/** @throws TypeError when the file isn't an object of texts */
function readSecretsFile(file: string): Partial<Secrets> {
  const secrets = JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets> | null;
  if (
    typeof secrets !== 'object' ||
    secrets === null ||
    Object.values(secrets).some((secret) => typeof secret !== 'string')
  )
    throw new TypeError('not secrets');
  return secrets;
}

/**
 * Links the file into place after fsync, so that a kill leaves all secrets or none. Of two concurrent first starts, the
 * first wins.
 */
function makeSecretsFile(dataDir: string, file: string): void {
  const secrets = Object.fromEntries(SECRETS.map((name) => [name, randomBytes(36).toString('base64url')]));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${String(process.pid)}`;
  const handle = openSync(unfinished, 'w', 0o600);
  writeSync(handle, JSON.stringify(secrets, null, 2));
  fsyncSync(handle);
  closeSync(handle);
  try {
    linkSync(unfinished, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(unfinished);
  }
}

/** Derives a key for one purpose. The derivation must never change, because stored data depends on the key. */
export function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'rolecall', purpose, 32));
}
