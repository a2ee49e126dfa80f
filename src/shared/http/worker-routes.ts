import type { FastifyInstance } from 'fastify';
import { RuleBroken } from '../problems/problem-codes.js';

/** Process supervisors, monitors and Prometheus need these of every process. */
const WORKER_ROUTES: ReadonlySet<string | undefined> = new Set([
  '/health',
  '/health/live',
  '/health/ready',
  '/metrics',
]);

/**
 * Makes a worker answer 404 to everything but health and metrics. A request there would take the time that a web
 * process's callers were to be spared.
 */
export function serveHealthAndMetricsAlone(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(WORKER_ROUTES.has(request.routeOptions.url) ? undefined : new RuleBroken('not-found'));
  });
}
