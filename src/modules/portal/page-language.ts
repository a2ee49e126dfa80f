import type { FastifyRequest } from 'fastify';
import { DEFAULT_LOCALE, isLocale, type Locale } from '../../shared/mail/texts.js';

const remembered = new WeakMap<FastifyRequest, Locale>();

/** The language of the answer to this request: the remembered one, otherwise the browser's, otherwise the default. */
export function localeOf(request: FastifyRequest): Locale {
  return remembered.get(request) ?? acceptedLocale(request.headers['accept-language']);
}

/** Sets the language of the answer to this request, also of an error page. */
export function rememberLocale(request: FastifyRequest, locale: Locale): void {
  remembered.set(request, locale);
}

/** The language that an Accept-Language header prefers among ours. */
export function acceptedLocale(header: string | undefined): Locale {
  const wishes = (header ?? '').split(',').map((wish) => {
    const [tag = '', ...parameters] = wish.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return { language: tag.split('-')[0] ?? '', quality: quality ? Number(quality.slice(2)) : 1 };
  });
  const [best] = wishes
    .filter(({ language, quality }) => isLocale(language) && quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return best && isLocale(best.language) ? best.language : DEFAULT_LOCALE;
}
