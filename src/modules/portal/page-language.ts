import type { FastifyRequest } from 'fastify';
import { acceptedLocale } from '../../shared/http/accepted-locale.js';
import type { Locale } from '../../shared/mail/texts.js';

const remembered = new WeakMap<FastifyRequest, Locale>();

/** The language of the answer to this request: the remembered one, otherwise the browser's, otherwise the default. */
export function localeOf(request: FastifyRequest): Locale {
  return remembered.get(request) ?? acceptedLocale(request.headers['accept-language']);
}

/** Sets the language of the answer to this request, also of an error page. */
export function rememberLocale(request: FastifyRequest, locale: Locale): void {
  remembered.set(request, locale);
}
