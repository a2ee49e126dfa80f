import { DEFAULT_LOCALE, isLocale, type Locale } from '../mail/texts.js';

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
