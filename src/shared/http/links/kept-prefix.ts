import type { IncomingMessage } from 'node:http';

/**
 * Removes the path of PUBLIC_URL from addresses, because some proxies pass it on and others strip it.
 * A path that begins like one of the product's own routes is ambiguous, so the proxy must strip it.
 * @param ownSegments the first segments of the product's routes, filled once they are known
 */
export function withoutPrefix(
  publicUrl: string | null,
  ownSegments: ReadonlySet<string>,
): (request: IncomingMessage) => string {
  const prefix = publicUrl === null ? '/' : new URL(publicUrl).pathname;
  return ({ url: target = '/' }) => {
    const url = pathIn(target);
    if (prefix === '/' || ownSegments.has(firstSegment(prefix)) || !url.startsWith(prefix)) return url;
    const rest = url.slice(prefix.length);
    if (rest === '' || rest.startsWith('?')) return `/${rest}`;
    return rest.startsWith('/') ? rest : url;
  };
}

/** Some clients write the whole address into a request. Its origin is nothing that an answer may repeat. */
function pathIn(target: string): string {
  return target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/^(?!\/)/, '/');
}

/** `/v1/me` → `v1`. */
export function firstSegment(path: string): string {
  return path.split('/')[1] ?? '';
}
