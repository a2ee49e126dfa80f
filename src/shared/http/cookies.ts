import type { FastifyReply, FastifyRequest } from 'fastify';

/** With this prefix browsers keep a cookie off plain HTTP. */
const SECURE = '__Secure-';
/**
 * Maximum number of values that the product reads for one name. Browsers send the cookie with the longest path first.
 */
const MOST = 4;

/** SignInGuard sets the flag after it has checked the request's origin. */
export type CookieRequest = FastifyRequest & { mayChangeCookies?: boolean };

/**
 * Sets or clears cookies. No other code does.
 * @throws TypeError on a route that isn't a `CookieRoute`
 */
export function sendCookies(request: CookieRequest, reply: FastifyReply, cookies: readonly string[]): void {
  if (!request.mayChangeCookies) throw new TypeError('a route that changes cookies must be a CookieRoute');
  void reply.header('Set-Cookie', [...cookies]);
}

/** Returns every value of a name in a Cookie header, with or without the prefix for TLS, in the header's order. */
export function cookiesNamed(header: string | undefined, name: string): string[] {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs
    .flatMap((pair) =>
      [`${SECURE}${name}=`, `${name}=`]
        .filter((start) => pair.startsWith(start))
        .map((start) => decoded(pair.slice(start.length))),
    )
    .filter((value) => value !== '')
    .slice(0, MOST);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}

/** Builds this installation's cookies: for its own path, and restricted to TLS when the installation uses TLS. */
export class CookieAttributes {
  readonly path: string;
  private readonly isSecure: boolean;

  /** @param publicUrl null: unknown, so cookies are for the whole host and not restricted to TLS */
  constructor(publicUrl: string | null) {
    this.path = publicUrl === null ? '/' : new URL(publicUrl).pathname;
    this.isSecure = publicUrl?.startsWith('https:') ?? false;
  }

  set(name: string, value: string, maxAgeSeconds: number): string {
    return this.line(name, value, maxAgeSeconds, this.path);
  }

  /** Clears the cookie at its present path and at the path `/`, where older versions set it. */
  clear(name: string): string[] {
    return [...new Set([this.path, '/'])].map((path) => this.line(name, '', 0, path));
  }

  /**
   * Clears the cookie of older versions. Send the result with a new cookie, so that the old one doesn't outlive it.
   */
  clearOld(name: string): string[] {
    return this.path === '/' ? [] : [this.line(name, '', 0, '/')];
  }

  private line(name: string, value: string, maxAge: number, path: string): string {
    const secure = this.isSecure ? ['Secure'] : [];
    return [
      `${this.isSecure ? SECURE : ''}${name}=${encodeURIComponent(value)}`,
      `Max-Age=${String(maxAge)}`,
      `Path=${path}`,
      'HttpOnly',
      'SameSite=Lax',
      ...secure,
    ].join('; ');
  }
}
