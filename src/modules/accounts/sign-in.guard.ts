import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Sessions } from './sessions.js';
import { currentContext } from '../../shared/request-context/request-context.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { CookieRequest } from '../../shared/http/cookies.js';
import { COOKIE_ROUTE, LINK_ROUTE, PUBLIC_ROUTE } from '../../shared/http/route-markers.js';
import { PublicUrl } from '../../shared/http/links/origin.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
type SignedInRequest = CookieRequest & { personId?: string | null; sessionId?: string | null; comesFromUs?: boolean };

/**
 * Refuses requests without a session, except on public routes. Writes by a session cookie, and requests that change a
 * cookie, must come from our own pages.
 */
@Injectable()
export class SignInGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: Sessions,
    private readonly publicUrl: PublicUrl,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<SignedInRequest>();
    const { authorization, cookie } = request.headers;
    const byCookie = !authorization && cookie !== undefined;
    const session = await this.sessions.find({ authorization, cookie });
    request.personId = session?.personId ?? null;
    request.sessionId = session?.id ?? null;
    noteActor(request.personId);
    const says = (key: string): boolean =>
      this.reflector.getAllAndOverride<boolean | undefined>(key, [context.getHandler(), context.getClass()]) === true;
    if (!session && !says(PUBLIC_ROUTE)) throw new RuleBroken('unauthenticated');
    const byLink = says(LINK_ROUTE);
    const writesByCookie = byCookie && session !== null && !SAFE_METHODS.includes(request.method) && !byLink;
    request.mayChangeCookies = says(COOKIE_ROUTE);
    request.comesFromUs = this.comesFromUs(request, byLink);
    if ((writesByCookie || request.mayChangeCookies) && !request.comesFromUs)
      throw new RuleBroken('origin-not-allowed');
    return true;
  }

  /**
   * Checks two headers that no page can set. A browser sends at least one of them with a form. A request without both
   * comes from no form. It may pass by a link, without a cookie, or with a bearer token. A link doesn't admit another
   * site, because that site may know it.
   */
  private comesFromUs({ headers }: FastifyRequest, byLink: boolean): boolean {
    const { origin, authorization, cookie, 'sec-fetch-site': site } = headers;
    // Another port of our host, or our host without TLS, is another site. `none` means the address bar.
    if (site !== undefined) return site === 'same-origin' || site === 'none';
    if (origin !== undefined) return origin === this.publicUrl.origin;
    return byLink || cookie === undefined || authorization !== undefined;
  }
}

/** Adds the signed-in person to this request's log lines. */
function noteActor(personId: string | null): void {
  const context = currentContext();
  if (context && personId !== null) context.actor = personId;
}

/** Who sent a request, for code that runs before its handler. `comesFromUs`: no other site sent it. */
export function callerOf(request: FastifyRequest): { personId: string | null; comesFromUs: boolean } {
  const { personId = null, comesFromUs = false } = request as SignedInRequest;
  return { personId, comesFromUs };
}

/** The signed-in caller's personId. */
export const Actor = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { personId } = context.switchToHttp().getRequest<SignedInRequest>();
  if (!personId) throw new RuleBroken('unauthenticated');
  return personId;
});

/** The caller's personId; null without a session. */
export const MaybeActor = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | null =>
    context.switchToHttp().getRequest<SignedInRequest>().personId ?? null,
);

/** The id of the caller's session; null without one. */
export const SessionId = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | null =>
    context.switchToHttp().getRequest<SignedInRequest>().sessionId ?? null,
);
