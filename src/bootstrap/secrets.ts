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
import type { SettingProblem } from './settings/setting.js';
import type { SettingName, SettingTexts } from './settings/settings.js';

const SECRETS = ['LINK_SECRET', 'MASTER_KEY', 'PERSON_SECRET', 'SESSION_SECRET'] as const;

type Secrets = Record<(typeof SECRETS)[number], string>;

/**
 * Fills in the secrets that aren't set. In embedded mode `secrets.json` holds them; the first start makes it.
 * Adds what is missing then to `problems`.
 * @param dataDir null in server mode
 */
export function withOwnSecrets(
  texts: SettingTexts,
  dataDir: string | null,
  problems: SettingProblem<SettingName>[],
): SettingTexts {
  const own = dataDir === null ? {} : embeddedSecrets(dataDir);
  if (own === null) {
    problems.push({ setting: 'DATA_DIR', sentence: `${SECRETS_FILE} in DATA_DIR can't be read or made` });
    return texts;
  }
  const whole = { ...texts };
  for (const name of SECRETS) {
    whole[name] ??= own[name] || null;
    if (whole[name] === null)
      problems.push({
        setting: name,
        sentence:
          dataDir === null
            ? `${name} is required when DATABASE_URL is set`
            : `${name} is missing in ${SECRETS_FILE} in DATA_DIR: restore that file`,
      });
  }
  return whole;
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
