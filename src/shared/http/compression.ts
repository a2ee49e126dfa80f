import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const COMPRESSED = /^text\/(?:html|css|javascript)\b/;
/** A smaller answer fits into one packet anyway. */
const MIN_LENGTH = 1_024;
/** Brotli's best quality takes fifty times as long, and gains a tenth. */
const BROTLI_QUALITY = 5;
const ENCODERS = {
  br: async (text: string) =>
    promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: async (text: string) => promisify(gzip)(text),
};
type Encoding = keyof typeof ENCODERS;

/**
 * Compresses pages, stylesheets and scripts. The text of a public file is compressed once for each encoding. A page is
 * compressed only for a request that no other site caused: the length of its compressed answer would tell a
 * listener whether a text of that site also stands elsewhere on the page (BREACH). Browsers say it by Sec-Fetch-Site.
 */
export function compressPages(fastify: FastifyInstance): void {
  const files = new Map<string, Promise<Buffer>>();
  fastify.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length < MIN_LENGTH || !isCompressible(reply)) return payload;
    const isFile = isPublic(reply);
    void reply.header('Vary', isFile ? 'Accept-Encoding' : 'Accept-Encoding, Sec-Fetch-Site');
    const encoding = acceptedEncoding(request.headers['accept-encoding']);
    if (encoding === null || (!isFile && !isCausedHere(request))) return payload;
    void reply.header('Content-Encoding', encoding).removeHeader('Content-Length');
    if (!isFile) return ENCODERS[encoding](payload);
    const key = `${encoding} ${request.routeOptions.url ?? ''}`;
    const known = files.get(key) ?? ENCODERS[encoding](payload);
    files.set(key, known);
    return known;
  });
}

/** The best encoding that the client accepts; null if there is none. Refuses one with quality 0. */
function acceptedEncoding(header: string | string[] | undefined): Encoding | null {
  const accepted = new Set(
    String(header ?? '')
      .toLowerCase()
      .split(',')
      .map((part) => part.split(';').map((each) => each.trim()))
      .filter(([, quality]) => !/^q=0(?:\.0*)?$/.test(quality ?? ''))
      .map(([name]) => name),
  );
  return accepted.has('br') ? 'br' : accepted.has('gzip') ? 'gzip' : null;
}

function isCompressible(reply: FastifyReply): boolean {
  return COMPRESSED.test(String(reply.getHeader('content-type') ?? '')) && !reply.hasHeader('content-encoding');
}

/** Whether every visitor gets the same text, for as long as this process runs. */
function isPublic(reply: FastifyReply): boolean {
  return String(reply.getHeader('cache-control')).startsWith('public');
}

/** Whether the visitor, or a page of ours, caused the request. */
function isCausedHere({ headers }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] === 'same-origin' || headers['sec-fetch-site'] === 'none';
}
