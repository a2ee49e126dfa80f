import type { FastifyReply, FastifyRequest } from 'fastify';

/** By it browsers keep a cookie from coming and going over plain HTTP. */
const SECURE = '__Secure-';
/** Of one name; browsers send the one with the longest path first. */
const MOST = 4;

/** Set by SignInGuard, which has looked where the request comes from. */
export type CookieRequest = FastifyRequest & { mayChangeCookies?: boolean };

/** Sets or clears cookies: the only place that does. @throws TypeError on a route that isn't a `CookieRoute` */
export function sendCookies(request: CookieRequest, reply: FastifyReply, cookies: readonly string[]): void {
  if (!request.mayChangeCookies) throw new TypeError('a route that changes cookies must be a CookieRoute');
  void reply.header('Set-Cookie', [...cookies]);
}

/** Every value that a Cookie header has for a name, with or without the prefix for TLS, in the header's order. */
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

/** Cookies of this installation: for its own path, and by TLS alone where it is reached by TLS. */
export class CookieAttributes {
  readonly path: string;
  private readonly isSecure: boolean;

  /** @param publicUrl null: not known, so the whole host's and by whatever it is reached */
  constructor(publicUrl: string | null) {
    this.path = publicUrl === null ? '/' : new URL(publicUrl).pathname;
    this.isSecure = publicUrl?.startsWith('https:') ?? false;
  }

  set(name: string, value: string, maxAgeSeconds: number): string {
    return this.line(name, value, maxAgeSeconds, this.path);
  }

  /** Clears it where it is set now, and where versions before set it: for the whole host. */
  clear(name: string): string[] {
    return [...new Set([this.path, '/'])].map((path) => this.line(name, '', 0, path));
  }

  /** Clears what versions before set. Sent with a new cookie, so that the old one doesn't outlive it. */
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
