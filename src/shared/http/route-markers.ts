import { SetMetadata } from '@nestjs/common';

export const PUBLIC_ROUTE = 'rolecall:public';

/** The route needs no sign-in. For routes outside the API; API routes declare it in `Operation`. */
export function PublicRoute(): MethodDecorator {
  return SetMetadata(PUBLIC_ROUTE, true);
}

export const LINK_ROUTE = 'rolecall:link';

/** The link in the path proves that the write was meant, because no other site knows it. */
export function LinkRoute(): MethodDecorator {
  return SetMetadata(LINK_ROUTE, true);
}

export const COOKIE_ROUTE = 'rolecall:cookie';

/** The route sets or clears a cookie. It refuses requests from other sites, even when a person is signed in. */
export function CookieRoute(): MethodDecorator {
  return SetMetadata(COOKIE_ROUTE, true);
}

export const SILENT_ROUTE = 'rolecall:silent';

/** The response carries no `Event-Position`. */
export function SilentRoute(): MethodDecorator {
  return SetMetadata(SILENT_ROUTE, true);
}

export const IDEMPOTENT_ROUTE = 'rolecall:idempotent';
export const MAX_KEY_LENGTH = 255;
