/** The step of a form or a call below a link's token. */
const STEP = /\/[a-z][a-z-]*$/;
/** Characters that a sentence, brackets, quotes or a mail program put behind a link. */
const PASTED_ALONG = /^[\p{P}\p{S}\p{Z}\p{C}]*$/u;

/**
 * Removes characters that a reader copied along with a link: `/orders/<token>.` or `/orders/<token>%E2%80%9D/`. It
 * doesn't change the token.
 * @param segments the first segments of links' paths, without `/v1`
 * @returns a function of path and query as the client sent them
 */
export function withoutPastedEnds(segments: readonly string[]): (url: string) => string {
  // Matches a link's own address or one below it. The token of a link is base64url.
  const links = new RegExp(`^((?:/v1)?/(?:${segments.join('|')})/[\\w-]+)([^?]*)(\\?.*)?$`);
  return (url) => {
    const [, link, rest, query = ''] = links.exec(url) ?? [];
    if (link === undefined || !rest) return url;
    const step = STEP.exec(rest)?.[0] ?? '';
    return PASTED_ALONG.test(decoded(rest.slice(0, rest.length - step.length))) ? `${link}${step}${query}` : url;
  };
}

/** Returns letters where the text can't be decoded, so that the address stays unchanged. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return 'undecodable';
  }
}
