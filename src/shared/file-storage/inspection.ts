import { isUtf8 } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import { HEAD_BYTES, typeByHead, UNKNOWN_TYPE } from './media-type.js';

/** What the bytes of a file say about it. */
export interface Inspected {
  /** Bytes. */
  size: number;
  /** Media type, by the bytes alone. */
  type: string;
  /** Hexadecimal. */
  sha256: string;
}

const LONGEST_CHARACTER_BYTES = 4;
const [FIRST_VISIBLE, DELETE] = [0x20, 0x7f];
/** Tab, line feed, form feed and carriage return. */
const IN_TEXTS = [0x09, 0x0a, 0x0c, 0x0d];
/** 1 for each byte that is a control character which no text needs. Longer characters have no such byte in UTF-8. */
const IS_CONTROL = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte < FIRST_VISIBLE && !IN_TEXTS.includes(byte)) || byte === DELETE ? 1 : 0,
);

/** Inspects a file's bytes as they arrive, without keeping them. */
export class Inspection {
  private readonly hash: Hash = createHash('sha256');
  private head = Buffer.alloc(0);
  private size = 0;
  private isText = true;
  /** The beginning of a character whose end has not arrived. */
  private begun = Buffer.alloc(0);

  update(chunk: Uint8Array): void {
    this.size += chunk.length;
    this.hash.update(chunk);
    if (this.head.length < HEAD_BYTES)
      this.head = Buffer.concat([this.head, chunk.subarray(0, HEAD_BYTES - this.head.length)]);
    if (this.isText) this.isText = this.isTextSoFar(chunk);
  }

  /** The type is text only when all bytes are UTF-8 without control characters. */
  finish(): Inspected {
    const isText = this.isText && this.begun.length === 0;
    const type = typeByHead(this.head) ?? (isText ? 'text/plain' : UNKNOWN_TYPE);
    return { size: this.size, type, sha256: this.hash.digest('hex') };
  }

  /** Neither makes a text of the bytes nor copies them, because eight large uploads at once would need much memory. */
  private isTextSoFar(chunk: Uint8Array): boolean {
    if (hasControl(chunk)) return false;
    const begun = this.begun.length > 0;
    const ends = begun ? Math.max(0, lengthOfCharacter(this.begun[0] ?? 0) - this.begun.length) : 0;
    const first = Buffer.concat([this.begun, chunk.subarray(0, ends)]);
    if (chunk.length < ends) {
      this.begun = first;
      return true;
    }
    const rest = chunk.subarray(ends);
    const end = endOfCharacters(rest);
    this.begun = Buffer.from(rest.subarray(end));
    return isUtf8(first) && isUtf8(rest.subarray(0, end));
  }
}

function hasControl(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (IS_CONTROL[byte] === 1) return true;
  return false;
}

/** Where the last whole character ends. It says nothing about whether the bytes are UTF-8. */
function endOfCharacters(bytes: Uint8Array): number {
  for (let back = 1; back < Math.min(LONGEST_CHARACTER_BYTES, bytes.length + 1); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    const isContinued = byte >= 0x80 && byte < 0xc0;
    if (isContinued) continue;
    return lengthOfCharacter(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** The number of bytes of a character in UTF-8, by its first byte. */
function lengthOfCharacter(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}
