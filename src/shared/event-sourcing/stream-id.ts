/** `order-3f…` → `order`. A foreign name without a hyphen has an empty category. */
export function categoryOf(stream: string): string {
  return stream.slice(0, Math.max(0, stream.indexOf('-')));
}

/** `order-3f…` → `3f…`. */
export function uuidOf(stream: string): string {
  return stream.slice(stream.indexOf('-') + 1);
}
