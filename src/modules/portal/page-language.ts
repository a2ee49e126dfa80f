import type { FastifyRequest } from 'fastify';
import { DEFAULT_LOCALE, isLocale, type Locale } from '../../shared/mail/locales.js';

const remembered = new WeakMap<FastifyRequest, Locale>();

/** The language of this request's answer: the remembered one, else the browser's, else the default. */
export function localeOf(request: FastifyRequest): Locale {
  return remembered.get(request) ?? acceptedLocale(request.headers['accept-language']);
}

/** Sets the language of everything that answers this request, an error too. */
export function rememberLocale(request: FastifyRequest, locale: Locale): void {
  remembered.set(request, locale);
}

/** The best language of ours in an Accept-Language header. */
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
