import { SetMetadata } from '@nestjs/common';

export const PUBLIC_ROUTE = 'rolecall:public';

/** Nobody needs to sign in. For routes outside the API; those in it say so in `Operation`. */
export function PublicRoute(): MethodDecorator {
  return SetMetadata(PUBLIC_ROUTE, true);
}

export const LINK_ROUTE = 'rolecall:link';

/** The link in the path proves by itself that a write was meant: no other site knows it. */
export function LinkRoute(): MethodDecorator {
  return SetMetadata(LINK_ROUTE, true);
}

export const COOKIE_ROUTE = 'rolecall:cookie';

/** Sets or clears a cookie: never for another site, whoever is signed in. */
export function CookieRoute(): MethodDecorator {
  return SetMetadata(COOKIE_ROUTE, true);
}

export const SILENT_ROUTE = 'rolecall:silent';

/** Its answer carries no `Event-Position`. */
export function SilentRoute(): MethodDecorator {
  return SetMetadata(SILENT_ROUTE, true);
}

export const IDEMPOTENT_ROUTE = 'rolecall:idempotent';
export const MAX_KEY_LENGTH = 255;
