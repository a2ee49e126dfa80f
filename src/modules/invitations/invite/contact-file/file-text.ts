import { isUtf8 } from 'node:buffer';
import { FIELD_MESSAGES } from '../../../../shared/http/field-messages.js';
import { RuleBroken } from '../../../../shared/problems/problem-codes.js';
import { MAX_ROW, notAContactFile } from './contact-file-limits.js';
import { recogniseEncoding, type FileEncoding } from './file-format.js';

const HEAD_BYTES = 4096;
const PIECE_BYTES = 64 * 1024;
const LF = 10;
const CR = 13;
const WINDOWS_1252 = new TextDecoder('windows-1252');

/**
 * A file's text in blocks of whole lines, each ended by LF, without byte order mark. Holds one line at a time.
 * @throws RuleBroken `not-a-contact-file` for a file that isn't text or has an endless line, `invalid-input` for an
 * empty file
 */
export async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const pieces = piecesOf(bytes);
  try {
    const start = await startOf(pieces);
    const encoding = recogniseEncoding(start.subarray(0, HEAD_BYTES));
    let first = true;
    for await (const block of wholeLines(asUtf8(joined(start, pieces), encoding))) {
      const text = decode(block);
      if (text.includes('\0')) throw notAContactFile('is not text: save it as CSV and send that');
      yield (first ? text.replace(/^\uFEFF/, '') : text).replace(/\r\n?/g, '\n');
      first = false;
    }
  } finally {
    await pieces.return(undefined);
  }
}

async function startOf(pieces: AsyncGenerator<Buffer>): Promise<Buffer> {
  const start: Buffer[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const next = await pieces.next();
    if (next.done === true) break;
    start.push(next.value);
    length += next.value.length;
  }
  if (length === 0)
    throw new RuleBroken('invalid-input', { errors: [{ field: 'file', message: FIELD_MESSAGES.notEmpty }] });
  return Buffer.concat(start);
}

async function* piecesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < buffer.length; at += PIECE_BYTES) yield buffer.subarray(at, at + PIECE_BYTES);
  }
}

async function* joined(start: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  yield* rest;
}

async function* asUtf8(pieces: AsyncIterable<Buffer>, encoding: FileEncoding): AsyncGenerator<Buffer> {
  if (encoding === 'utf-8 or windows-1252') {
    yield* pieces;
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const piece of pieces) yield Buffer.from(decoder.decode(piece, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** A block never ends between CR and LF. */
async function* wholeLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const piece of pieces) {
    const end = lastLineEnd(piece);
    if (end > 0) {
      yield Buffer.concat([...held, piece.subarray(0, end)]);
      held = [];
      length = 0;
    }
    held.push(piece.subarray(end));
    length += piece.length - end;
    if (length > MAX_ROW) throw notAContactFile('has a line without end: save it as CSV and send that');
  }
  if (length > 0) yield Buffer.concat(held);
}

function lastLineEnd(piece: Buffer): number {
  // A last CR may have its LF in the next piece.
  return Math.max(piece.lastIndexOf(LF), piece.subarray(0, -1).lastIndexOf(CR)) + 1;
}

/** A line that isn't UTF-8 is read as Windows-1252, because some files mix both. */
function decode(block: Buffer): string {
  if (isUtf8(block)) return block.toString();
  let text = '';
  for (let start = 0; start < block.length;) {
    const lineFeed = block.indexOf(LF, start);
    const end = lineFeed === -1 ? block.length : lineFeed + 1;
    const line = block.subarray(start, end);
    text += isUtf8(line) ? line.toString() : WINDOWS_1252.decode(line);
    start = end;
  }
  return text;
}
