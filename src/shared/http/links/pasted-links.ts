/** A link's address or one below it, with and without `/v1`. A link's token is base64url. */
const LINK = /^((?:\/v1)?\/(?:invitations|join|links|unsubscribe)\/[\w-]+)([^?]*)(\?.*)?$/;
/** The step of a form or a call below a link's token. */
const STEP = /\/[a-z][a-z-]*$/;
/** Characters that a sentence, brackets, quotes or a mail program put behind a link. */
const PASTED_ALONG = /^[\p{P}\p{S}\p{Z}\p{C}]*$/u;

/**
 * Removes what was copied along with a link: `/invitations/<token>.` or `/join/<token>%E2%80%9D/`. The token itself
 * stays as it was sent.
 * @param url path and query as they were sent
 */
export function withoutPastedEnd(url: string): string {
  const [, link, rest, query = ''] = LINK.exec(url) ?? [];
  if (link === undefined || !rest) return url;
  const step = STEP.exec(rest)?.[0] ?? '';
  return PASTED_ALONG.test(decoded(rest.slice(0, rest.length - step.length))) ? `${link}${step}${query}` : url;
}

/** Removes nothing from what can't be decoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return 'undecodable';
  }
}
