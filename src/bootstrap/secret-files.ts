import { readFileSync } from 'node:fs';

/** Settings that hold a secret, also as part of an address. `<name>_FILE` may name a file that holds the value instead. */
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

/** The environment with every secret that a file holds. Adds to `problems` each file that gives none, without its name and content. */
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
  // Nothing would count as not set: an embedded installation would take the secret it made itself.
  if (text.trim() === '') problems.push(`${setting} names an empty file`);
  else if (/\p{Cc}/u.test(text)) problems.push(`${setting} names a file of more than one line of text`);
  return text;
}
