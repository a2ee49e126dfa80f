import { kindOf } from './error-kind.js';

/** Prints to the terminal rather than the log, because the product shows a generated password here once. */
export function print(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/**
 * Describes an unexpected error by kind, code and place, because its text may hold the database's address with a
 * password. The place is the stack's first line in the product's code.
 */
export function describeUnexpected(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { code } = error as { code?: unknown };
  const [, place] = /\(?(?:file:\/\/)?[^\s()]*\/((?:dist|src)\/[^\s()]+)\)?/.exec(error.stack ?? '') ?? [];
  return `${kindOf(error)}${typeof code === 'string' ? ` (${code})` : ''}${place === undefined ? '' : ` at ${place}`}`;
}

/** The data that a person at the terminal needs first. */
export interface Welcome {
  url: string;
  /** The super-admin that this start made, with a password that is shown once; null: it made none. */
  admin: { email: string; password: string } | null;
  /** True when mails wait on the mailbox page. */
  keepsMails: boolean;
}

export function printWelcome({ url, admin, keepsMails }: Welcome): void {
  print(
    '',
    `Open ${url}`,
    '',
    ...(admin
      ? ['Sign in as the super-admin; this password is shown once:', `  ${admin.email}`, `  ${admin.password}`]
      : ['Sign in as before. A lost password of a super-admin: stop, then npm run admin -- staff reset']),
    '',
    ...(keepsMails ? [`Mails wait at ${url}/mailbox, the first invitation too.`] : []),
    `The HTTP interface is at ${url}/docs`,
    '',
  );
}
