import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify';
import { isLargeRoute } from './body-limits.js';
import { takesFile } from '../file-upload.js';

/** How long a client may take to send what it has begun. None of them ends an answer that takes long. */
export interface RequestTimeouts {
  headersMs: number;
  bodyMs: number;
  /** Of a body that is larger than usual. */
  largeBodyMs: number;
  /** Of a form with a file. */
  fileMs: number;
  /** Nothing sent by either side. */
  idleMs: number;
  /** How often Node looks at connections that send headers or a file. */
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

/** What Node sees to by itself: headers, and the longest time for any request. */
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

/** Ends the connection of a client that doesn't get to the end of its body in the time of its route. */
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
  // While the event loop was held up nothing was read: first what has arrived meanwhile.
  const end = (): void => {
    if (!raw.complete) raw.destroy();
  };
  const timer = setTimeout(() => setImmediate(end), ms).unref();
  const stop = (): void => {
    clearTimeout(timer);
  };
  raw.once('end', stop).once('close', stop);
}
