import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RuleBroken } from '../problems/problem-codes.js';
import { answerProblem, PROBLEM_TYPE, problemDocument } from './problem.filter.js';

/** Answers an address that no route can be looked up for. Fastify's own answer repeats the address, and that may hold a link. */
export function answerUnroutable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = new RuleBroken('invalid-input', { errors: [{ field: '', message: 'the address can not be read' }] });
  void reply.header('Request-Id', request.id).header('Cache-Control', 'no-store');
  answerProblem(request, reply, problem);
}

/** Answers what is no HTTP, or whose address or headers are too large: nothing but the connection is there to answer on. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // A connection that was opened in advance and not used: an answer would be taken for that to the next request.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const problem = tooLarge
    ? new RuleBroken('payload-too-large')
    : new RuleBroken('invalid-input', { errors: [{ field: '', message: 'the request can not be read' }] });
  const document = problemDocument(problem, randomUUID());
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

/** The API takes JSON alone: what a form can send, another site can send unasked. Our own pages are forms. */
export function takeJsonAlone(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser('text/plain');
  fastify.addHook('onRequest', (request, _reply, done) => {
    const isForm = FORM.test(request.headers['content-type'] ?? '');
    done(isForm && API.test(request.routeOptions.url ?? '') ? new RuleBroken('unsupported-media-type') : undefined);
  });
}
