import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemCatalogue } from '../problems/problem-catalogue.js';
import { RuleBroken, SHARED_PROBLEMS } from '../problems/problem-codes.js';
import { REQUEST_MESSAGES } from './field-messages.js';
import { answerProblem, PROBLEM_TYPE, problemDocument } from './problem.filter.js';

/** The problems of responses that the server sends before any module runs. */
const PROBLEMS = new ProblemCatalogue([SHARED_PROBLEMS]);

/**
 * Responds to an address that the router can't read. Fastify's own response would repeat the address, which may hold a
 * link.
 */
export function answerUnroutable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = new RuleBroken('invalid-input', {
    errors: [{ field: '', message: REQUEST_MESSAGES.addressUnreadable }],
  });
  void reply.header('Request-Id', request.id).header('Cache-Control', 'no-store');
  answerProblem(request, reply, problem, PROBLEMS);
}

/** Responds to a request that isn't HTTP, or whose address or headers are too large. Only its connection exists. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // The client opened this connection in advance and sent nothing. It would read a response here as the response to its
  // next request.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const problem = tooLarge
    ? new RuleBroken('payload-too-large')
    : new RuleBroken('invalid-input', { errors: [{ field: '', message: REQUEST_MESSAGES.unreadable }] });
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
 * Makes the API accept JSON alone, because another site can send anything that a form can send. The product's own pages
 * are forms.
 */
export function takeJsonAlone(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser('text/plain');
  fastify.addHook('onRequest', (request, _reply, done) => {
    const isForm = FORM.test(request.headers['content-type'] ?? '');
    done(isForm && API.test(request.routeOptions.url ?? '') ? new RuleBroken('unsupported-media-type') : undefined);
  });
}
