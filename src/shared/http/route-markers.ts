import { SetMetadata } from '@nestjs/common';

export const PUBLIC_ROUTE = 'rolecall:public';

/** Marks a route outside the API that needs no sign-in. API routes declare it in `Operation`. */
export function PublicRoute(): MethodDecorator {
  return SetMetadata(PUBLIC_ROUTE, true);
}

export const LINK_ROUTE = 'rolecall:link';

/**
 * Marks a route with a link in its path. The link proves that the caller meant the write, because no other site knows
 * it.
 */
export function LinkRoute(): MethodDecorator {
  return SetMetadata(LINK_ROUTE, true);
}

export const COOKIE_ROUTE = 'rolecall:cookie';

/**
 * Marks a route that sets or clears a cookie. It refuses requests from other sites, even when a person is signed in.
 */
export function CookieRoute(): MethodDecorator {
  return SetMetadata(COOKIE_ROUTE, true);
}

export const SILENT_ROUTE = 'rolecall:silent';

/** Marks a route whose responses carry no `Event-Position`. */
export function SilentRoute(): MethodDecorator {
  return SetMetadata(SILENT_ROUTE, true);
}

export const IDEMPOTENT_ROUTE = 'rolecall:idempotent';
export const MAX_KEY_LENGTH = 255;
