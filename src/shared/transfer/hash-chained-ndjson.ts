import { hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';

const VERSION = 1;
const CHECK_CHARACTERS = 22;
const SUFFIX_CHARACTERS = ',"check":"'.length + CHECK_CHARACTERS + '"}'.length;
/** Enough for an append of 1 MiB in its longest escaped form. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;
const LINE_FEED = 10;

/** The file is incomplete or was changed. The message names the file and the line, without their content. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
  constructor(path: string, line: number, why: string) {
    super(`${basename(path)}, line ${String(line)}: ${why}`);
  }
}

export interface Header {
  /** The kind of the file's content, which a reader checks. */
  rolecall: string;
  [key: string]: unknown;
}

/**
 * Writes hash-chained NDJSON. Every line ends in a check over itself and the check before: `{…,"check":"…"}`. A reader
 * therefore finds a changed, swapped or removed line at its place.
 * The first line is a header, the last one `{"end":{"lines":…}}`. Until the last line is on disk the file is called
 * `<name>.part`.
 */
export class HashChainWriter {
  private lines = 0;
  private check = '';

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /** Creates a file that only its owner may read. Overwrites the unfinished file of an earlier attempt. */
  static async create(path: string, header: Header): Promise<HashChainWriter> {
    const writer = new HashChainWriter(path, await open(unfinished(path), 'w', 0o600));
    await writer.put([{ ...header, version: VERSION }]);
    return writer;
  }

  /** Writes one line per object. No object may have the field `end`. */
  async write(objects: readonly object[]): Promise<void> {
    await this.put(objects);
    this.lines += objects.length;
  }

  /** Resolves when everything is on disk and the file has its own name. */
  async finish(): Promise<void> {
    await this.put([{ end: { lines: this.lines } }]);
    await this.file.sync();
    await this.file.close();
    await rename(unfinished(this.path), this.path);
  }

  /** Closes the file under its unfinished name. */
  async abandon(): Promise<void> {
    await this.file.close();
  }

  private async put(objects: readonly object[]): Promise<void> {
    let text = '';
    for (const object of objects) {
      const body = JSON.stringify(object);
      this.check = next(this.check, body.slice(0, -1));
      text += `${body.slice(0, -1)},"check":"${this.check}"}\n`;
    }
    await this.file.writeFile(text);
  }
}

export interface HashChainedLine {
  /** Number of the line, from 1 for the header. */
  line: number;
  /** JSON of the object, its check included. */
  text: string;
}

/**
 * Reads the header.
 * @throws DamagedFile when the file has none, or one of another kind
 */
export async function readHeader(path: string, kind: string): Promise<Header> {
  const lines = checkedLines(path);
  const first = await lines.next();
  await lines.return();
  if (first.done === true) throw new DamagedFile(path, 1, 'the file is empty');
  return toHeader(path, kind, first.value.text, first.value.line);
}

/**
 * Yields every line between header and end, for files of any size.
 * @throws DamagedFile at the first changed line, or when the end is missing
 */
export async function* readHashChain(path: string, kind: string): AsyncGenerator<HashChainedLine, void, undefined> {
  let end: number | undefined;
  let last = 0;
  for await (const checked of checkedLines(path)) {
    last = checked.line;
    if (end !== undefined) throw new DamagedFile(path, last, 'something follows the end');
    if (last === 1) toHeader(path, kind, checked.text, last);
    else if (checked.text.startsWith('{"end":'))
      end = (JSON.parse(checked.text) as { end: { lines: number } }).end.lines;
    else yield checked;
  }
  if (end === undefined) throw new DamagedFile(path, last + 1, 'the file is cut short: its last line is missing');
  if (end !== last - 2) throw new DamagedFile(path, last, `the file should hold ${String(end)} lines`);
}

/**
 * Counts the lines between header and end.
 * @throws DamagedFile
 */
export async function countHashChain(path: string, kind: string): Promise<number> {
  let lines = 0;
  for await (const _ of readHashChain(path, kind)) lines += 1;
  return lines;
}

async function* checkedLines(path: string): AsyncGenerator<HashChainedLine, void, undefined> {
  let check = '';
  let line = 0;
  for await (const text of linesOf(path)) {
    line += 1;
    const body = text.slice(0, -SUFFIX_CHARACTERS);
    check = next(check, body);
    if (text !== `${body},"check":"${check}"}`)
      throw new DamagedFile(path, line, 'the line is not as it was written, or not in its place');
    yield { line, text };
  }
}

/** Splits at line feeds alone. JSON escapes these, but not the other characters that some line readers split at. */
async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let line = 1;
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const rest = chunk.subarray(start, end);
      yield (parts.length === 0 ? rest : Buffer.concat([...parts, rest])).toString('utf8');
      [parts, bytes, start, line] = [[], 0, end + 1, line + 1];
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > MAX_LINE_BYTES) throw new DamagedFile(path, line, 'the line is too long');
  }
  if (bytes > 0) throw new DamagedFile(path, line, 'the file is cut short: the line has no end');
}

function toHeader(path: string, kind: string, text: string, line: number): Header {
  const header = JSON.parse(text) as Header;
  if (header.rolecall !== kind) throw new DamagedFile(path, line, `the file holds no ${kind}`);
  if (header['version'] !== VERSION)
    throw new DamagedFile(path, line, 'the file was written by another version of Rolecall');
  return header;
}

function next(check: string, body: string): string {
  return hash('sha256', check + body, 'base64url').slice(0, CHECK_CHARACTERS);
}

function unfinished(path: string): string {
  return `${path}.part`;
}
