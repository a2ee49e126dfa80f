/** Lines for the person at the terminal, which must not go into the log: a generated password is shown here once. */
export function tell(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
