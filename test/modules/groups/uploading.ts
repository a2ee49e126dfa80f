import type { Test } from 'supertest';
import { FileStorage } from '../../../src/shared/file-storage/file-storage.js';
import type { Place } from '../../support/scenarios.js';
import type { Api, TestServer } from '../../support/test-server.js';

/** Small files, whose first bytes are those of their types. */
export const PDF = Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n', 'latin1');
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Uploads a new file. @param name the form's field; absent: the name is the file's */
export function upload(by: Api, { path }: Place, content: string | Buffer, file: string, name?: string): Test {
  const call = by.post(`${path}/files`);
  if (name !== undefined) void call.field('name', name);
  return call.attach('file', Buffer.from(content as string), { filename: file });
}

/** Uploads a new version by a form. @param path of the file */
export function uploadAgain(by: Api, path: string, content: string | Buffer): Test {
  return by.call('put', `${path}/content`).attach('file', Buffer.from(content as string), { filename: 'again.bin' });
}

/** Uploads a new version as the body itself. */
export function sendRaw(by: Api, path: string, content: string, type: string): Test {
  return by
    .call('put', `${path}/content`)
    .set('Content-Type', type)
    .serialize((body) => body as string)
    .send(Buffer.from(content));
}

/** The call, whose answer's body is a buffer for every media type. */
export function bytesOf(call: Test): Test {
  return call.buffer(true).parse((response, done) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => {
      const body = Buffer.concat(chunks);
      const isProblem = response.headers['content-type']?.includes('json') ?? false;
      done(null, isProblem ? JSON.parse(body.toString()) : body);
    });
  });
}

/** The keys in the storage, of one file or of all. */
export async function storedKeys(server: TestServer, path = ''): Promise<string[]> {
  const found: string[] = [];
  for await (const some of server.running.app.get(FileStorage).keys()) found.push(...some.map(({ key }) => key));
  return found.filter((key) => key.startsWith(path.replace('/v1/group-files/', '')));
}
