import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify';
import { isLargeRoute } from './body-limits.js';
import { takesFile } from '../file-upload.js';

/** Time limits for a client that sends a request. None of them ends a slow response. */
export interface RequestTimeouts {
  headersMs: number;
  bodyMs: number;
  /** The limit of a body that is larger than usual. */
  largeBodyMs: number;
  /** The limit of a form with a file. */
  fileMs: number;
  /** The limit of a connection on which neither side sends. */
  idleMs: number;
  /** The time between two checks of Node for connections that send headers or a file. */
  checkEveryMs: number;
}

export const REQUEST_TIMEOUTS: RequestTimeouts = {
  headersMs: 30_000,
  bodyMs: 30_000,
  largeBodyMs: 120_000,
  fileMs: 600_000,
  idleMs: 600_000,
  checkEveryMs: 5000,
};

/** The limits that Node applies itself: for headers, and for any request as a whole. */
export function timeoutOptions({
  headersMs,
  fileMs,
  idleMs,
  checkEveryMs,
}: RequestTimeouts): Pick<FastifyServerOptions, 'requestTimeout' | 'connectionTimeout'> & { http: object } {
  return {
    requestTimeout: fileMs,
    connectionTimeout: idleMs,
    http: { headersTimeout: headersMs, connectionsCheckingInterval: checkEveryMs },
  };
}

/** Ends the connection of a client that doesn't finish its body within the time of its route. */
export function endSlowBodies(fastify: FastifyInstance, timeouts: RequestTimeouts): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (hasBody(request) && !takesFile(request))
      endAfter(request, isLargeRoute(request) ? timeouts.largeBodyMs : timeouts.bodyMs);
    done();
  });
}

function hasBody({ headers }: FastifyRequest): boolean {
  return (
    headers['transfer-encoding'] !== undefined ||
    (headers['content-length'] !== undefined && headers['content-length'] !== '0')
  );
}

function endAfter({ raw }: FastifyRequest, ms: number): void {
  // The timer waits for `setImmediate`, so that Node first reads what arrived while the event loop was blocked.
  const end = (): void => {
    if (!raw.complete) raw.destroy();
  };
  const timer = setTimeout(() => setImmediate(end), ms).unref();
  const stop = (): void => {
    clearTimeout(timer);
  };
  raw.once('end', stop).once('close', stop);
}
