/** A pattern for `like` that finds the text anywhere. The indexes for searching support it. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
