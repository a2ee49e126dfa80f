import type { IncomingMessage } from 'node:http';
import multipart, { type Multipart } from '@fastify/multipart';
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiExtension } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RuleBroken } from '../problems/problem-codes.js';
import { FIELD_MESSAGES } from './field-messages.js';
import { MAX_BODY_BYTES } from './sizes/body-limits.js';

/** The only part of a form that the product reads. */
const PART = 'file';
/** Maximum number of text fields beside the file, which the product ignores. */
const MAX_FIELDS = 10;
const MAX_FIELD_BYTES = 4096;
const MAX_PART_HEADERS = 20;

export interface FileRoute {
  /** `or`: what the route takes besides a form. */
  takesFile?: { maxBytes?: number; or?: 'json' | 'raw' };
  ignoresForm?: true;
}

/** Makes the route accept a multipart form and ignore its content, because other systems send one. */
export function IgnoresForm(): MethodDecorator {
  return RouteConfig({ ignoresForm: true } satisfies FileRoute);
}

/**
 * Makes the route take a form with one file instead of JSON, and documents that.
 * @param maxBytes maximum size of the file
 */
export function TakesFile(options: { description: string; maxBytes: number }): MethodDecorator {
  const file = { type: 'string', format: 'binary', description: options.description };
  return applyDecorators(
    RouteConfig({ takesFile: { maxBytes: options.maxBytes } } satisfies FileRoute),
    ApiConsumes('multipart/form-data'),
    ApiExtension('x-max-file-bytes', options.maxBytes),
    ApiBody({ required: true, schema: { type: 'object', required: [PART], properties: { [PART]: file } } }),
  );
}

/**
 * The file of the form. The product reads it from the network only while the handler iterates it, so a refused caller
 * costs nothing.
 * Throws RuleBroken `payload-too-large`, `unsupported-media-type`, and `invalid-input` where there isn't exactly one
 * file.
 */
export const UploadedFile = createParamDecorator((_: unknown, context: ExecutionContext): AsyncIterable<Uint8Array> => {
  return fileIn(context.switchToHttp().getRequest<FastifyRequest>());
});

/** Lets the routes with `TakesFile` accept forms with a file; other routes refuse forms. */
export async function acceptFiles(fastify: FastifyInstance): Promise<void> {
  await fastify.register(multipart, { isPartAFile: (name) => name === PART, throwFileSizeLimit: false });
  fastify.addHook('onRequest', (request, _reply, done) => {
    const ignored = routeOf(request).ignoresForm === true;
    if (isForm(request) && ignored) cutOffAfter(request.raw, MAX_BODY_BYTES);
    const refused = isForm(request) && !request.is404 && !takesFile(request) && !ignored;
    done(refused ? new RuleBroken('unsupported-media-type') : undefined);
  });
}

async function* fileIn(request: FastifyRequest): AsyncGenerator<Uint8Array> {
  if (!request.isMultipart())
    throw request.headers['content-type'] ? new RuleBroken('unsupported-media-type') : badFile(FIELD_MESSAGES.required);
  let files = 0;
  for await (const part of partsOf(request, routeOf(request).takesFile?.maxBytes ?? 0)) {
    if (part.type === 'field') continue;
    files += 1;
    if (files > 1) throw badFile(FIELD_MESSAGES.oneFile);
    const { file } = part;
    file.once('limit', () => file.destroy(new RuleBroken('payload-too-large')));
    yield* arriving(file);
  }
  if (files === 0) throw badFile(FIELD_MESSAGES.required);
}

/** The bytes of a part. Throws RuleBroken `invalid-input` when the client ends too early. */
export async function* arriving(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw error instanceof RuleBroken ? error : badFile(FIELD_MESSAGES.cutShort);
  }
}

/**
 * The parts of the request's form. A reader that stops early still lets the client send the rest, up to `2 * maxBytes`
 * in all.
 * @param maxBytes where a file is cut off, with the event `limit`
 * @throws RuleBroken `invalid-input`
 */
export async function* partsOf(request: FastifyRequest, maxBytes: number): AsyncGenerator<Multipart> {
  cutOffAfter(request.raw, 2 * maxBytes);
  const limits = {
    fileSize: maxBytes,
    files: 2,
    parts: MAX_FIELDS + 2,
    fields: MAX_FIELDS,
    fieldSize: MAX_FIELD_BYTES,
    fieldNameSize: 100,
    headerPairs: MAX_PART_HEADERS,
  };
  try {
    for await (const part of request.parts({ limits })) yield part;
  } catch {
    // The consumer's own error never comes here, because it ends the generator.
    throw badFile(FIELD_MESSAGES.cutShort);
  } finally {
    // Receives the rest, because many clients read a refusal only after they have sent everything.
    request.raw.unpipe().resume();
  }
}

/** Ends the connection of a client that sends more bytes. */
export function cutOffAfter(raw: IncomingMessage, bytes: number): void {
  let left = bytes;
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) raw.destroy();
  });
}

/** Tells whether the request's route takes this body as a file. */
export function takesFile(request: FastifyRequest): boolean {
  const { takesFile: file } = routeOf(request);
  return file !== undefined && (file.or !== 'json' || isForm(request));
}

export function isForm({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.toLowerCase().startsWith('multipart/') ?? false;
}

export function routeOf(request: FastifyRequest): FileRoute {
  return request.routeOptions.config as FileRoute;
}

export function badFile(message: string): RuleBroken {
  return new RuleBroken('invalid-input', { errors: [{ field: PART, message }] });
}
