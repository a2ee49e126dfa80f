import { kindOf } from './error-kind.js';

/** Prints to the terminal and not into the log, because a generated password is shown here once. */
export function print(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/**
 * Describes an unexpected error by kind, code and stack, because its text may hold the database's address with a
 * password.
 */
export function describeUnexpected(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { code } = error as { code?: unknown };
  return `${kindOf(error)}${typeof code === 'string' ? ` (${code})` : ''}${error.stack ? `\n${error.stack.split('\n').slice(1).join('\n')}` : ''}`;
}
