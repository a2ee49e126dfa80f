/** The step of a form or a call below a link's token. */
const STEP = /\/[a-z][a-z-]*$/;
/** Characters that a sentence, brackets, quotes or a mail program put behind a link. */
const PASTED_ALONG = /^[\p{P}\p{S}\p{Z}\p{C}]*$/u;

/**
 * Removes what was copied along with a link: `/orders/<token>.` or `/orders/<token>%E2%80%9D/`. The token itself stays
 * as it was sent.
 * @param segments what the paths of links begin with, with and without `/v1`
 * @returns a function of path and query as they were sent
 */
export function withoutPastedEnds(segments: readonly string[]): (url: string) => string {
  // A link's own address or one below it. The token of a link is base64url.
  const links = new RegExp(`^((?:/v1)?/(?:${segments.join('|')})/[\\w-]+)([^?]*)(\\?.*)?$`);
  return (url) => {
    const [, link, rest, query = ''] = links.exec(url) ?? [];
    if (link === undefined || !rest) return url;
    const step = STEP.exec(rest)?.[0] ?? '';
    return PASTED_ALONG.test(decoded(rest.slice(0, rest.length - step.length))) ? `${link}${step}${query}` : url;
  };
}

/** Removes nothing from what can't be decoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return 'undecodable';
  }
}
