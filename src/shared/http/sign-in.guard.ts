import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Sessions } from '../accounts/sessions.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { LINK_ROUTE, PUBLIC_ROUTE } from './operation.js';
import { PublicUrl } from './public-url.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
type SignedInRequest = FastifyRequest & { personId?: string | null };

/** Everything but public routes needs a session. A session cookie's writes must come from our own pages. */
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
    request.personId = await this.sessions.whoIs({ authorization, cookie });
    const says = (key: string): boolean => this.reflector.getAllAndOverride<boolean | undefined>(key, [context.getHandler(), context.getClass()]) === true;
    if (byCookie && request.personId !== null && !SAFE_METHODS.includes(request.method) && !says(LINK_ROUTE)) this.mustComeFromUs(request);
    if (request.personId === null && !says(PUBLIC_ROUTE)) throw new RuleBroken('unauthenticated');
    return true;
  }

  private mustComeFromUs({ headers }: FastifyRequest): void {
    // Our pages send no referrer, and then browsers write `Origin: null`. No page can set Sec-Fetch-Site.
    const ours = headers.origin === this.publicUrl.origin || headers['sec-fetch-site'] === 'same-origin';
    if (!ours) throw new RuleBroken('origin-not-allowed');
  }
}

/** The signed-in caller's personId. */
export const Actor = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { personId } = context.switchToHttp().getRequest<SignedInRequest>();
  if (!personId) throw new RuleBroken('unauthenticated');
  return personId;
});

/** The caller's personId, or null when nobody is signed in. */
export const MaybeActor = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | null => context.switchToHttp().getRequest<SignedInRequest>().personId ?? null,
);
