import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiExtension } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RuleBroken } from '../../problems/problem-codes.js';
import { FIELD_MESSAGES } from '../field-messages.js';
import { arriving, badFile, cutOffAfter, isForm, partsOf, type FileRoute, routeOf } from '../file-upload.js';

/** Every raw body has this type, because the type of a file follows from its bytes alone. */
const RAW_TYPE = 'application/octet-stream';

/** The text fields of a form, by name. */
export type FormFields = Readonly<Record<string, string>>;

/** A file as it arrives. */
export interface ArrivingFile {
  /** The name that the form gives it; null for a raw body, and for a part without a name. */
  name: string | null;
  /** Throws RuleBroken `invalid-input` when the client ends too early. */
  content: AsyncIterable<Uint8Array>;
  /** The text fields before the file. */
  fields: FormFields;
}

/** A body that holds a file. Nothing of it is read from the network before `receive`. */
export class Upload {
  readonly #request: FastifyRequest;

  constructor(request: FastifyRequest) {
    this.#request = request;
  }

  /** The declared length of the body, in bytes; null: the client declares none. */
  get declaredBytes(): number | null {
    const { 'content-length': length } = this.#request.headers;
    return length === undefined ? null : Number(length);
  }

  /**
   * Reads the body, and calls `take` with its file as it arrives.
   * @param maxBytes the connection ends when a refused client goes on for twice as long
   * @returns what `take` returned, and all text fields
   * @throws what `take` throws; RuleBroken `invalid-input` where there isn't exactly one file
   */
  async receive<Taken>(
    maxBytes: number,
    take: (file: ArrivingFile) => Promise<Taken>,
  ): Promise<{ taken: Taken; fields: FormFields }> {
    if (!isForm(this.#request)) return { taken: await this.receiveRaw(maxBytes, take), fields: {} };
    const fields: Record<string, string> = {};
    let taken: { taken: Taken } | undefined;
    for await (const part of partsOf(this.#request, maxBytes)) {
      if (part.type === 'field') {
        if (Object.hasOwn(fields, part.fieldname)) throw badField(part.fieldname, FIELD_MESSAGES.onlyOnce);
        fields[part.fieldname] = String(part.value);
      } else if (taken) throw badFile(FIELD_MESSAGES.oneFile);
      else
        taken = {
          taken: await take({ name: nameOf(part), content: arriving(part.file), fields: { ...fields } }),
        };
    }
    if (!taken) throw badFile(FIELD_MESSAGES.required);
    return { ...taken, fields };
  }

  private async receiveRaw<Taken>(maxBytes: number, take: (file: ArrivingFile) => Promise<Taken>): Promise<Taken> {
    const { raw, headers } = this.#request;
    if (headers['transfer-encoding'] === undefined && !Number(headers['content-length'] ?? 0))
      throw badFile(FIELD_MESSAGES.required);
    try {
      const content = raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      return await take({ name: null, content: arriving(content), fields: {} });
    } finally {
      // Receives the rest, because many clients read a refusal only after they have sent everything.
      cutOffAfter(raw, maxBytes);
      raw.resume();
    }
  }
}

interface UploadOptions {
  /** What the file is, for the document. */
  description: string;
  /** What the route takes besides a form. */
  or: 'json' | 'raw';
  /** The form's text fields, as OpenAPI schemas. */
  fields?: Readonly<Record<string, object>>;
}

/** Makes the route take a form with a file, or another body. The handler gets an `Upload` in place of a body. */
export function TakesUpload({ description, or, fields = {} }: UploadOptions): MethodDecorator {
  const file = { type: 'string' as const, format: 'binary', description };
  const form = { type: 'object', required: ['file'], properties: { ...fields, file } };
  return applyDecorators(
    RouteConfig({ takesFile: { or } } satisfies FileRoute),
    // bootstrap/openapi.ts makes it a second body.
    ApiExtension('x-form', form),
    ...(or === 'raw' ? [ApiConsumes(RAW_TYPE), ApiBody({ required: true, schema: file })] : []),
  );
}

/** The body of a route that always takes a file. */
export const UploadBody = createParamDecorator((_: unknown, context: ExecutionContext): Upload => {
  return context.switchToHttp().getRequest<{ body: Upload }>().body;
});

/** Gives the routes with `TakesUpload` an `Upload` in place of a body. Other routes refuse raw bodies. */
export function acceptUploads(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(RAW_TYPE, (request, _payload, done) => {
    if (routeOf(request).takesFile?.or === 'raw') done(null, undefined);
    else done(new RuleBroken('unsupported-media-type'), undefined);
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (routeOf(request).takesFile?.or === 'raw' && !isForm(request)) request.headers['content-type'] = RAW_TYPE;
    done();
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    const { or } = routeOf(request).takesFile ?? {};
    if (or === 'raw' || (or === 'json' && isForm(request))) request.body = new Upload(request);
    done();
  });
}

/** A part of a form may lack a name, although its type doesn't say so. */
function nameOf({ filename }: { filename: string | undefined }): string | null {
  return filename ?? null;
}

function badField(field: string, message: string): RuleBroken {
  return new RuleBroken('invalid-input', { errors: [{ field, message }] });
}
