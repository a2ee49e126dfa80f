import { applyDecorators, Header, HttpCode } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { PROBLEMS, type RuleBroken } from '../../shared/problems/problem-codes.js';
import { PublicRoute, SilentRoute } from '../../shared/http/route-markers.js';

/** A route that answers with HTML, which no `Event-Position` goes with. Open to everybody: a page sends to the sign-in form itself. */
export function Page(): MethodDecorator {
  return applyDecorators(
    PublicRoute(),
    SilentRoute(),
    HttpCode(200),
    Header('Content-Type', 'text/html; charset=utf-8'),
  );
}

/** Sends the browser to another page, by GET. */
export function goTo(reply: FastifyReply, address: string): string {
  void reply.status(303).header('Location', address);
  return '';
}

/** Answers a form that is shown again with the status of the rule it broke. */
export function answerAs(reply: FastifyReply, { code, details }: RuleBroken): void {
  void reply.status(PROBLEMS[code][0]);
  if (details.retryAfter !== undefined) void reply.header('Retry-After', String(details.retryAfter));
}
