/**
 * What an error is, for a log line or a terminal: its name. Where a library left it at `Error`, its class, or else which library made it: never its
 * text, which may quote a row or an address.
 */
export function kindOf({ name, constructor: { name: className }, stack = '' }: Error): string {
  const told = [name, className].find((one) => !['', 'Error', 'error', 'Object'].includes(one));
  return told ?? `Error of ${makerIn(stack)}`;
}

/** The package on the first line of the stack, which follows the text. */
function makerIn(stack: string): string {
  const place = stack.split('\n').find((line) => /^\s+at /.test(line)) ?? '';
  return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place)?.[1] ?? (place.includes('node:') ? 'node' : 'rolecall');
}
