/**
 * Names an error for a log line or a terminal: by its name, else its class, else the library that made it.
 * Leaves the error's text out, because it may quote a row or an address.
 */
export function kindOf({ name, constructor: { name: className }, stack = '' }: Error): string {
  const specific = [name, className].find((one) => !['', 'Error', 'error', 'Object'].includes(one));
  return specific ?? `Error of ${makerIn(stack)}`;
}

/** Finds the package on the first line of the stack, because the lines before it hold the error's text. */
function makerIn(stack: string): string {
  const place = stack.split('\n').find((line) => /^\s+at /.test(line)) ?? '';
  return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place)?.[1] ?? (place.includes('node:') ? 'node' : 'rolecall');
}
