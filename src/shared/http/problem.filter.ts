import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DatabaseUnavailable } from '../database/failures.js';
import { EventStoreRefuses } from '../event-sourcing/event-store-refuses.js';
import { AppendRefused, EventStoreUnavailable } from '../event-sourcing/event-store.js';
import { DamagedStoredFile } from '../file-storage/checked-content.js';
import { FileStorageUnavailable } from '../file-storage/file-storage.js';
import { untilBeat } from './beat.js';
import { REQUEST_MESSAGES } from './field-messages.js';
import { ProblemCatalogue } from '../problems/problem-catalogue.js';
import { RuleBroken, type FieldError, type ProblemCode, type ProblemDetails } from '../problems/problem-codes.js';

/** Longer than the check whether a caller may see something. */
const NOT_FOUND_BEAT_MS = 50;

const BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'invalid-input',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
  429: 'too-many-attempts',
};

/** Translates a thrown error to the rule that it broke; null for an unknown error. */
export function asRuleBroken(error: unknown): RuleBroken | null {
  if (error instanceof RuleBroken) return error;
  if (error instanceof EventStoreUnavailable) return new RuleBroken('event-store-unavailable', { retryAfter: 2 });
  if (error instanceof DatabaseUnavailable) return new RuleBroken('database-unavailable', { retryAfter: 2 });
  if (error instanceof FileStorageUnavailable) return new RuleBroken('file-storage-unavailable', { retryAfter: 30 });
  if (error instanceof DamagedStoredFile) return new RuleBroken('file-damaged');
  if (error instanceof AppendRefused) return new RuleBroken('payload-too-large');
  // Nest's own errors, and Fastify's for bodies that it can't read.
  const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown }).statusCode;
  const code = typeof status === 'number' ? BY_STATUS[status] : undefined;
  if (!code) return null;
  return new RuleBroken(
    code,
    code === 'invalid-input' ? { errors: [{ field: '', message: REQUEST_MESSAGES.bodyOrAddressUnreadable }] } : {},
  );
}

/** Only an operator can end these. */
const FOR_OPERATORS = [EventStoreRefuses, FileStorageUnavailable, DamagedStoredFile];

/** Tells whether to log an error: it is unknown, or only an operator can end it. */
export function belongsInTheLog(error: unknown): boolean {
  return asRuleBroken(error) === null || FOR_OPERATORS.some((kind) => error instanceof kind);
}

/**
 * Responds to every error with an RFC 9457 problem document. It logs an unknown error by kind, and the response says
 * nothing about it.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(protected readonly problems: ProblemCatalogue) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const known = asRuleBroken(error);
    if (belongsInTheLog(error))
      this.logger.error({ err: error, route: request.routeOptions.url, msg: 'request failed' });
    const problem = known ?? new RuleBroken('internal-error');
    const answer = (): void => {
      answerProblem(request, reply, problem, this.problems);
    };
    // Something hidden takes longer to check than something missing. The beat hides the difference.
    if (problem.code === 'not-found') setTimeout(answer, untilBeat(reply.elapsedTime, NOT_FOUND_BEAT_MS));
    else answer();
  }
}

export function answerProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: RuleBroken,
  problems: ProblemCatalogue,
): void {
  const { retryAfter } = problem.details;
  if (retryAfter !== undefined) void reply.header('Retry-After', String(retryAfter));
  const document = problemDocument(problem, request.id, problems);
  // RFC 9110 §15.5.2
  if (document.status === 401) void reply.header('WWW-Authenticate', 'Bearer');
  void reply.status(document.status).type(PROBLEM_TYPE).send(document);
}

export const PROBLEM_TYPE = 'application/problem+json';

interface ProblemDocument extends Omit<ProblemDetails, 'retryAfter'> {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  requestId: string;
}

/** Source: RFC 9457 */
export function problemDocument(
  { code, details }: RuleBroken,
  requestId: string,
  problems: ProblemCatalogue,
): ProblemDocument {
  const [status, title] = [problems.statusOf(code), problems.titleOf(code)];
  const { retryAfter: _, errors, ...rest } = details;
  const said = errors ? { errors: cut(errors), ...rest } : rest;
  return { type: `urn:rolecall:problem:${code}`, title, status, code, requestId, ...said };
}

/** Maximum number of invalid fields that a response names. */
export const MAX_ERRORS = 50;
const MAX_FIELD = 200;
const MAX_MESSAGE = 1000;

/**
 * Limits the response, so that it doesn't grow with the input. The last entry says how many more fields are invalid.
 */
function cut(errors: readonly FieldError[]): FieldError[] {
  const named = errors.length > MAX_ERRORS ? errors.slice(0, MAX_ERRORS - 1) : errors;
  const more = errors.length - named.length;
  const short = named.map(({ field, message, code }) => ({
    field: field.slice(0, MAX_FIELD).toWellFormed(),
    message: message.slice(0, MAX_MESSAGE).toWellFormed(),
    ...(code ? { code } : {}),
  }));
  return more > 0 ? [...short, { field: '', message: REQUEST_MESSAGES.moreFields(more) }] : short;
}
