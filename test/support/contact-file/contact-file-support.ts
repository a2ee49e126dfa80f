import {
  readContactFile,
  type ContactAddress,
  type ContactProblem,
} from '../../../src/modules/invitations/invite/contact-file/read-contact-file.js';

export type Entry = ContactAddress | ContactProblem;

/** The bytes in chunks, as the network would deliver them. @param size of a chunk, in bytes */
export async function* inChunks(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Promise.resolve(bytes.subarray(at, at + size));
}

export async function entriesOf(file: Buffer | string, size?: number): Promise<Entry[]> {
  return allOf(inChunks(Buffer.from(file as string), size));
}

/** The entries of a file, one text each: `2 ada@clinic.example`, or `3 no-address: text`. */
export async function read(file: Buffer | string, size?: number): Promise<string[]> {
  return (await entriesOf(file, size)).map((entry) =>
    'reason' in entry ? `${entry.line} ${entry.reason}: ${entry.text}` : `${entry.line} ${entry.email}`,
  );
}

/** The reader's refusal of a file, as `<code>: <field> <message>`, or `not refused`. */
export async function refusalOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  try {
    await allOf(bytes);
  } catch (error) {
    const { code, details } = error as { code: string; details: { errors?: { field: string; message: string }[] } };
    return [code, ...(details.errors ?? []).map(({ field, message }) => `${field} ${message}`)].join(': ');
  }
  return 'not refused';
}

async function allOf(bytes: AsyncIterable<Uint8Array>): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of readContactFile(bytes)) entries.push(entry);
  return entries;
}
