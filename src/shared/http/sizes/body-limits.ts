import { applyDecorators } from '@nestjs/common';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RuleBroken, type ProblemCode } from '../../problems/problem-codes.js';
import { measureJson } from './json-size.js';

/** Limit of a body or a form where a route declares no larger one. */
export const MAX_BODY_BYTES = 64 * 1024;
export const MAX_BODY_EXTENSION = 'x-max-body-bytes';
const MAX_DEPTH = 20;
/** Counts field names in a body, and parameters in a query string; a repeated parameter counts each time. */
const MAX_KEYS = 100;
const MAX_VALUES = 1000;

interface BodyLimits {
  maxBytes: number;
  /** Counts values of all kinds: texts, numbers, lists, objects. */
  maxValues: number;
  /** The problem code for more values. */
  tooMany: ProblemCode;
}

/** Finds the signed-in person by these headers; null: the caller is anonymous. */
interface KnowsCallers {
  whoIs(headers: Pick<FastifyRequest['headers'], 'authorization' | 'cookie'>): Promise<string | null>;
}

interface LimitedRoute {
  body?: BodyLimits;
}

const USUAL: BodyLimits = { maxBytes: MAX_BODY_BYTES, maxValues: MAX_VALUES, tooMany: 'invalid-input' };

/** The route takes a larger body from signed-in callers alone. Fastify applies the limit before it reads the body. */
export function LargeBody(limits: BodyLimits): MethodDecorator {
  return applyDecorators(
    RouteConfig({ body: limits } satisfies LimitedRoute),
    ApiExtension(MAX_BODY_EXTENSION, limits.maxBytes),
  );
}

/** Refuses query strings with too many parameters, and bodies for their size before it parses them. */
export function limitBodies(app: NestFastifyApplication, sessions: KnowsCallers): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', (route) => {
    route.bodyLimit = limitsOf(route.config).maxBytes;
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const parameters = countValues(request.query);
    if (parameters > MAX_KEYS) {
      done(refusal(`the address has more than ${String(MAX_KEYS)} parameters`));
      return;
    }
    if (!isLarge(request)) {
      done();
      return;
    }
    const { authorization, cookie } = request.headers;
    sessions.whoIs({ authorization, cookie }).then((personId) => {
      // The server doesn't read the rest of the body, so the connection can't be reused.
      if (personId === null) void reply.header('Connection', 'close');
      done(personId === null ? new RuleBroken('unauthenticated') : undefined);
    }, done);
  });
  const { onProtoPoisoning, onConstructorPoisoning } = fastify.initialConfig;
  const parseJson = fastify.getDefaultJsonParser(onProtoPoisoning ?? 'error', onConstructorPoisoning ?? 'error');
  app.useBodyParser(
    'application/json',
    { bodyLimit: MAX_BODY_BYTES },
    (request: FastifyRequest, body: Buffer, done) => {
      const refused = jsonRefusal(body, limitsOf(request.routeOptions.config));
      // The parser's type demands text, but it takes bytes as well.
      if (refused) done(refused);
      else void parseJson(request, body as unknown as string, done);
    },
  );
}

/** Returns what is wrong with a JSON body by its size alone. */
function jsonRefusal(body: Buffer, { maxValues, tooMany }: BodyLimits): RuleBroken | null {
  const { keys, values, depth } = measureJson(body, { keys: MAX_KEYS, values: maxValues, depth: MAX_DEPTH });
  if (depth > MAX_DEPTH) return refusal(`the body is nested deeper than ${String(MAX_DEPTH)} levels`);
  if (keys > MAX_KEYS) return refusal(`the body has more than ${String(MAX_KEYS)} fields`);
  if (values <= maxValues) return null;
  return tooMany === 'invalid-input'
    ? refusal(`the body has more than ${String(maxValues)} values`)
    : new RuleBroken(tooMany);
}

/** Tells whether the request's route takes a larger body than others. */
export function isLargeRoute({ routeOptions }: FastifyRequest): boolean {
  return limitsOf(routeOptions.config).maxBytes > MAX_BODY_BYTES;
}

/** Tells whether the body may exceed the usual limit. A body without a declared length may. */
function isLarge(request: FastifyRequest): boolean {
  const { headers } = request;
  if (!isLargeRoute(request)) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES;
}

function countValues(query: unknown): number {
  let count = 0;
  for (const value of Object.values(query as Record<string, unknown>)) count += Array.isArray(value) ? value.length : 1;
  return count;
}

function limitsOf(config: object | undefined): BodyLimits {
  return (config as LimitedRoute | undefined)?.body ?? USUAL;
}

function refusal(message: string): RuleBroken {
  return new RuleBroken('invalid-input', { errors: [{ field: '', message }] });
}
