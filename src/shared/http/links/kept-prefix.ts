import type { IncomingMessage } from 'node:http';

/**
 * Takes the path of PUBLIC_URL off addresses that a proxy passes through as they came; one that strips it itself may stand there as well. A path that begins
 * like one of our own can't be told from it, so then the proxy has to strip it. @param ownSegments what the first segments of our routes are, once they are known
 */
export function withoutPrefix(
  publicUrl: string | null,
  ownSegments: ReadonlySet<string>,
): (request: IncomingMessage) => string {
  const prefix = publicUrl === null ? '/' : new URL(publicUrl).pathname;
  return ({ url = '/' }) => {
    if (prefix === '/' || ownSegments.has(firstSegment(prefix)) || !url.startsWith(prefix)) return url;
    const rest = url.slice(prefix.length);
    if (rest === '' || rest.startsWith('?')) return `/${rest}`;
    return rest.startsWith('/') ? rest : url;
  };
}

/** `/v1/me` → `v1`. */
export function firstSegment(path: string): string {
  return path.split('/')[1] ?? '';
}
