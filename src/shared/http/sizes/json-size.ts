/** The size of a JSON text. */
export interface JsonSize {
  /** Counts field names at all levels. */
  keys: number;
  /** At least the number of values: what commas separate, and every list and object. */
  values: number;
  depth: number;
}

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Counts in one pass over the bytes without parsing, because parsing too many values is itself too much work.
 * Stops at the first exceeded limit. Only the parser decides whether the text is JSON.
 */
export function measureJson(text: Uint8Array, limits: JsonSize): JsonSize {
  const size: JsonSize = { keys: 0, values: 0, depth: 0 };
  let open = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case QUOTE:
        at = endOfText(text, at);
        break;
      case COMMA:
        size.values += 1;
        break;
      case COLON:
        size.keys += 1;
        break;
      case LIST:
      case OBJECT:
        size.values += 1;
        open += 1;
        size.depth = Math.max(size.depth, open);
        break;
      case LIST_END:
      case OBJECT_END:
        open -= 1;
        break;
      case undefined:
      default:
        continue;
    }
    if (size.keys > limits.keys || size.values > limits.values || size.depth > limits.depth) break;
  }
  return size;
}

/**
 * @param start index of the opening quotation mark
 * @returns the index where the text ends, or the length of everything
 */
function endOfText(text: Uint8Array, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return text.length;
}
