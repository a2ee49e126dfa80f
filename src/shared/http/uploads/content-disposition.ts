/**
 * The header that names a file. Clients that don't know `filename*` get the name in ASCII, with `_` for other
 * characters.
 * Source: RFC 6266, RFC 8187
 */
export function contentDisposition(type: 'attachment' | 'inline', name: string): string {
  const wellFormed = name.toWellFormed();
  const ascii = wellFormed.replaceAll(/[^\x20-\x7e]|[%"\\/]/gu, '_');
  return `${type}; filename="${ascii}"; filename*=UTF-8''${encoded(wellFormed)}`;
}

/** Encodes all but `attr-char` of RFC 8187. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
