/** A link's own address or one below it; with and without `/v1`. The token of a link is base64url. */
const LINK = /^((?:\/v1)?\/(?:invitations|join|links|unsubscribe)\/[\w-]+)([^?]*)(\?.*)?$/;
/** What a link has below its token: a step of a form or a call. */
const STEP = /\/[a-z][a-z-]*$/;
/** What a sentence, brackets, quotes or a mail program put behind a link. */
const PASTED_ALONG = /^[\p{P}\p{S}\p{Z}\p{C}]*$/u;

/**
 * The address without what was copied along with a link: `/invitations/<token>.` or `/join/<token>%E2%80%9D/`. The token is then the one that was sent:
 * a link still has one spelling. @param url path and query as they were sent
 */
export function withoutPastedEnd(url: string): string {
  const [, link, rest, query = ''] = LINK.exec(url) ?? [];
  if (link === undefined || !rest) return url;
  const step = STEP.exec(rest)?.[0] ?? '';
  return PASTED_ALONG.test(decoded(rest.slice(0, rest.length - step.length))) ? `${link}${step}${query}` : url;
}

/** Of what can't be decoded nothing is taken away. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return 'undecodable';
  }
}
