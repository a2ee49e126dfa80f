import { applyDecorators, Header, HttpCode, UseInterceptors } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ProblemCatalogue } from '../../shared/problems/problem-catalogue.js';
import type { RuleBroken } from '../../shared/problems/problem-codes.js';
import { PublicRoute, SilentRoute } from '../../shared/http/route-markers.js';
import { OtherAccountInterceptor } from './other-account/other-account.interceptor.js';

/**
 * A route that answers with HTML and without `Event-Position`. It is public: where a page needs a session, `Actor`
 * refuses visitors without one, and the error filter leads them to the sign-in form.
 */
export function Page(): MethodDecorator {
  return applyDecorators(
    PublicRoute(),
    SilentRoute(),
    UseInterceptors(OtherAccountInterceptor),
    HttpCode(200),
    Header('Content-Type', 'text/html; charset=utf-8'),
  );
}

/** Redirects the browser to another page, by GET. */
export function goTo(reply: FastifyReply, address: string): string {
  void reply.status(303).header('Location', address);
  return '';
}

/** Lets this page alone show frames with content of the product. */
export function allowFrames(reply: FastifyReply): void {
  const policy = 'Content-Security-Policy';
  void reply.header(policy, `${String(reply.getHeader(policy))};frame-src 'self'`);
}

/** Makes the browser drop the pages that its button back would show, because they are of an account that leaves. */
export function forgetPages(reply: FastifyReply): void {
  void reply.header('Clear-Site-Data', '"cache"');
}

/** Sets the status of a page that shows a form again, to that of the broken rule. */
export function answerAs(reply: FastifyReply, { code, details }: RuleBroken, problems: ProblemCatalogue): void {
  void reply.status(problems.statusOf(code));
  if (details.retryAfter !== undefined) void reply.header('Retry-After', String(details.retryAfter));
}
