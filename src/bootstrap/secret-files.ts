import { readFileSync } from 'node:fs';

/** Settings that hold a secret, alone or in an address. `<name>_FILE` may name a file with the value instead. */
export const SECRET_SETTINGS = [
  'DATABASE_URL',
  'EVENTSTORE_URL',
  'SMTP_URL',
  'ADMIN_PASSWORD',
  'LINK_SECRET',
  'MASTER_KEY',
  'PERSON_SECRET',
  'SESSION_SECRET',
  'METRICS_TOKEN',
] as const;

/**
 * Returns the environment with the secrets that files hold. Adds an unusable file to `problems`, without its name and
 * content.
 */
export function withSecretFiles(env: NodeJS.ProcessEnv, problems: string[]): NodeJS.ProcessEnv {
  const whole = { ...env };
  for (const name of SECRET_SETTINGS) {
    const file = env[`${name}_FILE`]?.trim();
    if (!file) continue;
    if (env[name]?.trim()) problems.push(`${name}_FILE and ${name} are both set: set one of them`);
    else whole[name] = secretIn(file, `${name}_FILE`, problems);
  }
  return whole;
}

function secretIn(file: string, setting: string, problems: string[]): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
  } catch (error) {
    problems.push(
      `${setting} names a file that can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    );
    return '';
  }
  // An empty value would count as not set, and an embedded installation would use its own secret instead.
  if (text.trim() === '') problems.push(`${setting} names an empty file`);
  else if (/\p{Cc}/u.test(text)) problems.push(`${setting} names a file of more than one line of text`);
  return text;
}
