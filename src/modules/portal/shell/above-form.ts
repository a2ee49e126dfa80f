import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Makes a script show the page's card above the form, which stays as it is.
 * @returns whether a script asked, so that the page is only a part of another
 */
export function showAboveForm({ headers }: FastifyRequest, reply: FastifyReply): boolean {
  const isPart = headers['hx-request'] === 'true';
  if (isPart) void reply.headers({ 'HX-Retarget': '#told', 'HX-Reselect': '.card', 'HX-Reswap': 'innerHTML show:top' });
  return isPart;
}
