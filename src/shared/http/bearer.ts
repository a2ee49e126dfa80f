/** Returns the token of an Authorization header; undefined where there is none. Source: RFC 6750 §2.1 */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+)$/i.exec((authorization ?? '').trim())?.[1];
}
