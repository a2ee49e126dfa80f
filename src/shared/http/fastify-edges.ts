import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemCatalogue } from '../problems/problem-catalogue.js';
import { RuleBroken, SHARED_PROBLEMS } from '../problems/problem-codes.js';
import { answerProblem, PROBLEM_TYPE, problemDocument } from './problem.filter.js';

/** These responses are sent before any module is involved. */
const PROBLEMS = new ProblemCatalogue([SHARED_PROBLEMS]);

/**
 * Responds to an address that no route can be looked up for. Fastify's own response would repeat the address, which may
 * hold a link.
 */
export function answerUnroutable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = new RuleBroken('invalid-input', { errors: [{ field: '', message: 'the address can not be read' }] });
  void reply.header('Request-Id', request.id).header('Cache-Control', 'no-store');
  answerProblem(request, reply, problem, PROBLEMS);
}

/** Responds to what isn't HTTP, or has too large an address or headers. Only the connection exists then. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // The client opened this connection in advance and didn't use it. It would take a response for that to its next
  // request.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const problem = tooLarge
    ? new RuleBroken('payload-too-large')
    : new RuleBroken('invalid-input', { errors: [{ field: '', message: 'the request can not be read' }] });
  const document = problemDocument(problem, randomUUID(), PROBLEMS);
  const body = JSON.stringify(document);
  const head = [
    `HTTP/1.1 ${String(document.status)} ${STATUS_CODES[document.status] ?? ''}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    `Request-Id: ${document.requestId}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
}

const API = /^\/(?:v1|auth)\//;
const FORM = /^\s*application\/x-www-form-urlencoded/i;

/**
 * Makes the API accept JSON alone, because another site can send whatever a form can send. The product's own pages are
 * forms.
 */
export function takeJsonAlone(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser('text/plain');
  fastify.addHook('onRequest', (request, _reply, done) => {
    const isForm = FORM.test(request.headers['content-type'] ?? '');
    done(isForm && API.test(request.routeOptions.url ?? '') ? new RuleBroken('unsupported-media-type') : undefined);
  });
}
