import { Catch, Injectable, Logger, type ArgumentsHost } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asRuleBroken, belongsInTheLog, ProblemFilter } from '../../shared/http/problem.filter.js';
import { ProblemCatalogue } from '../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { localeOf } from './page-language.js';
import { Pages } from './pages.js';

/** Paths that always answer with problem documents. */
const NO_PAGES = /^\/(?:v1|auth|health|metrics|openapi\.(?:json|yaml))(?:[/?]|$)/;

/** Answers browsers with an error page, and every other client with a problem document. */
@Catch()
@Injectable()
export class PageErrorFilter extends ProblemFilter {
  private readonly log = new Logger(PageErrorFilter.name);

  constructor(
    private readonly pages: Pages,
    problems: ProblemCatalogue,
  ) {
    super(problems);
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (NO_PAGES.test(request.url) || !(request.headers.accept ?? '').includes('text/html')) {
      super.catch(error, host);
      return;
    }
    const known = asRuleBroken(error);
    if (known?.code === 'unauthenticated') {
      this.signInFirst(request, http.getResponse<FastifyReply>());
      return;
    }
    if (belongsInTheLog(error)) this.log.error({ err: error, route: request.routeOptions.url, msg: 'page failed' });
    const { code, details } = known ?? new RuleBroken('internal-error');
    const locale = localeOf(request);
    const title =
      this.pages.text(locale, `problem.${code}.title`) ?? this.pages.text(locale, 'problem.other.title') ?? code;
    const text = this.pages.text(locale, `problem.${code}.text`) ?? this.pages.text(locale, 'problem.other.text');
    const view = {
      text,
      home: !/^(?:invitation|password-reset)-/.test(code) || code === 'invitation-accepted',
      asksAgain: code.startsWith('password-reset-'),
      requestId: known ? null : request.id,
    };
    const reply = http.getResponse<FastifyReply>();
    if (details.retryAfter !== undefined) void reply.header('Retry-After', String(details.retryAfter));
    void reply
      .status(this.problems.statusOf(code))
      .type('text/html; charset=utf-8')
      .send(this.pages.render('problem', { locale, title }, view));
  }

  /** Leads a visitor without a session to the sign-in form, which leads back to the page. A script moves its page there. */
  private signInFirst({ url, headers }: FastifyRequest, reply: FastifyReply): void {
    const form = `${this.pages.base}/sign-in`;
    if (headers['hx-request'] === 'true') void reply.status(200).header('HX-Redirect', form).send('');
    else
      void reply
        .status(303)
        .header('Location', `${form}?next=${encodeURIComponent(url)}`)
        .send('');
  }
}
