import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, type Observable } from 'rxjs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { callerOf } from '../../accounts/accounts.contract.js';
import { People, PersonNames } from '../../people/people.contract.js';
import { keptFields, listed } from '../forms.js';
import { localeOf } from '../page-language.js';
import { Pages } from '../pages.js';
import { showAboveForm } from '../shell/above-form.js';
import { DRAWN_FOR } from './drawn-for.js';

/**
 * Answers a form that was drawn for another account than the one that is signed in now: another tab signed in or out
 * meanwhile. Nothing is done. The page says who is signed in, and keeps what was typed, so that the visitor can send it
 * again. Signing out is right for each account.
 */
@Injectable()
export class OtherAccountInterceptor implements NestInterceptor {
  constructor(
    private readonly pages: Pages,
    private readonly people: People,
    private readonly names: PersonNames,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const accounts = listed(request.body, DRAWN_FOR);
    const { personId, comesFromUs } = callerOf(request);
    const isSignOut = request.routeOptions.url?.endsWith('/sign-out') ?? false;
    if (isSignOut || accounts.every((account) => account === personId)) return next.handle();
    // The page would lead the visitor to send what another site has typed.
    if (!comesFromUs) throw new RuleBroken('origin-not-allowed');
    return from(
      this.page(accounts.find((account) => account !== personId) ?? '', personId, request, http.getResponse()),
    );
  }

  private async page(
    drawnFor: string,
    viewer: string | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string> {
    void reply.status(409);
    const locale = localeOf(request);
    const view = {
      isPart: showAboveForm(request, reply),
      drawnFor,
      viewer,
      path: request.url,
      fields: keptFields(request.body).filter(({ field }) => field !== DRAWN_FOR),
    };
    return this.pages.render('other-account', { locale }, { ...view, name: viewer && (await this.nameOf(viewer)) });
  }

  private async nameOf(viewer: string): Promise<string> {
    const [names, people] = await Promise.all([this.names.of([viewer]), this.people.getByIds([viewer])]);
    return [names.get(viewer), people.get(viewer)?.email].filter(Boolean).join(', ');
  }
}
