import { Catch, Injectable, Logger, type ArgumentsHost } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asRuleBroken, belongsInTheLog, ProblemFilter } from '../../shared/http/problem.filter.js';
import { ProblemCatalogue } from '../../shared/problems/problem-catalogue.js';
import { type ProblemCode, RuleBroken } from '../../shared/problems/problem-codes.js';
import { callerOf } from '../accounts/accounts.contract.js';
import { keptFields } from './forms.js';
import { localeOf } from './page-language.js';
import { Navigation } from './navigation.js';
import { showAboveForm } from './shell/above-form.js';
import { Pages } from './pages.js';
import type { Shell } from './shell/shell.js';

/** Problems that pass by themselves. */
const PASSING: ReadonlySet<ProblemCode> = new Set(['too-many-requests', 'too-many-conflicts', 'too-busy']);
/** Paths that always answer with problem documents. */
const NO_PAGES = /^\/(?:v1|auth|health|metrics|openapi\.(?:json|yaml))(?:[/?]|$)/;

/** Answers browsers with an error page, and every other client with a problem document. */
@Catch()
@Injectable()
export class PageErrorFilter extends ProblemFilter {
  private readonly log = new Logger(PageErrorFilter.name);

  constructor(
    private readonly pages: Pages,
    private readonly navigation: Navigation,
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
    const reply = http.getResponse<FastifyReply>();
    const { code, details } = known ?? new RuleBroken('internal-error');
    const locale = localeOf(request);
    const title =
      this.pages.text(locale, `problem.${code}.title`) ?? this.pages.text(locale, 'problem.other.title') ?? code;
    const text = this.pages.text(locale, `problem.${code}.text`) ?? this.pages.text(locale, 'problem.other.text');
    const isPart = showAboveForm(request, reply);
    const view = {
      isPart,
      text,
      again: this.again(code, request),
      home: !code.startsWith('password-reset-'),
      asksAgain: code.startsWith('password-reset-'),
      requestId: known ? null : request.id,
    };
    if (details.retryAfter !== undefined) void reply.header('Retry-After', String(details.retryAfter));
    void this.frameFor(code, request, isPart).then((nav) => {
      void reply
        .status(this.problems.statusOf(code))
        .type('text/html; charset=utf-8')
        .send(this.pages.render('problem', { locale, title, nav }, view));
    });
  }

  /**
   * The frame of a signed-in person's pages; null for a part of a page, for other visitors, and while the frame can't
   * be read either.
   */
  private async frameFor(code: ProblemCode, request: FastifyRequest, isPart: boolean): Promise<Shell | null> {
    const { personId } = callerOf(request);
    if (isPart || personId === null || this.problems.statusOf(code) >= 500) return null;
    try {
      return await this.navigation.of(personId, request.url);
    } catch {
      return null;
    }
  }

  /**
   * The form that was sent, when it may succeed later; null for any other problem. Visitors without a session get none,
   * because a page that repeats an address isn't alike for every address.
   */
  private again(code: ProblemCode, request: FastifyRequest) {
    const { method, url, body, headers } = request;
    const passes = this.problems.statusOf(code) >= 500 || PASSING.has(code);
    if (!passes || method !== 'POST' || headers['hx-request'] === 'true' || callerOf(request).personId === null)
      return null;
    const fields = keptFields(body);
    return fields.some(({ value }) => value.trim() !== '') ? { path: url, fields } : null;
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
