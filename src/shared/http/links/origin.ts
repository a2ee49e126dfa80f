import { BlockList, isIP } from 'node:net';
import { createParamDecorator, type ExecutionContext, Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** `[2001:db8::1]:443` or `203.0.113.7:4711`: some proxies write the caller's address like this. */
const BRACKETED = /^\[([^\]]*)\](?::\d+)?$/;
const WITH_PORT = /^([\d.]+):\d+$/;
const MAPPED = /^::ffff:([\da-f]+):([\da-f]+)$/;

/** Fastify's names for local networks. Source: @fastify/proxy-addr */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.1/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/**
 * Returns the bare address from a socket or a proxy header: without port, brackets and zone, IPv6 in the form of RFC
 * 5952.
 * An IPv4 address in IPv6 becomes IPv4. Returns null when the text is no address.
 */
export function bareIp(said: string): string | null {
  const text = said.trim();
  const [bare = ''] = (BRACKETED.exec(text)?.[1] ?? WITH_PORT.exec(text)?.[1] ?? text).split('%');
  if (isIP(bare) !== 6) return isIP(bare) === 4 ? bare : null;
  const address = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  return [high, low].flatMap((part) => [parseInt(part, 16) >> 8, parseInt(part, 16) & 255]).join('.');
}

/**
 * Returns the origin that limits count: an IPv4 address, or the /64 network of one household. All unreadable addresses
 * are one origin.
 */
export function originOf(said: string): string {
  const ip = bareIp(said);
  if (ip === null) return 'unreadable';
  return isIP(ip) === 4 ? ip : `${groupsOf(ip).slice(0, 4).join(':')}::/64`;
}

/** Returns the origin's network for the log. It identifies no person, and an operator can still look for it. */
export function networkOf(origin: string): string {
  if (isIP(origin) === 4) return `${origin.split('.').slice(0, 3).join('.')}.0/24`;
  return origin.includes(':') ? `${origin.split(':').slice(0, 3).join(':')}::/48` : origin;
}

/**
 * Returns a function that tells whether an address belongs to a trusted proxy.
 * @param networks addresses, networks with their prefix length, or Fastify's names for local ones
 */
export function trusting(networks: readonly string[]): (said: string) => boolean {
  const list = new BlockList();
  for (const network of networks.flatMap((name) => NAMED[name] ?? [name])) {
    const [said = '', prefix] = network.split('/');
    const address = bareIp(said) ?? '';
    const isMapped = isIP(said) === 6 && isIP(address) === 4;
    const bits = isIP(address) === 4 ? 32 : 128;
    list.addSubnet(
      address,
      prefix === undefined ? bits : Math.max(0, Number(prefix) - (isMapped ? 96 : 0)),
      bits === 32 ? 'ipv4' : 'ipv6',
    );
  }
  return (said) => {
    const ip = bareIp(said);
    return ip !== null && list.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6');
  };
}

/**
 * Logs once that an untrusted client sends X-Forwarded-For. Behind an unnamed proxy all callers count as one origin.
 */
export function warnOfUntrustedProxies(fastify: FastifyInstance, isTrusted: (said: string) => boolean): void {
  const log = new Logger('TrustedProxies');
  let warned = false;
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!warned && request.headers['x-forwarded-for'] !== undefined) {
      const peer = request.socket.remoteAddress ?? '';
      warned = !isTrusted(peer);
      if (warned)
        log.warn({
          event: 'untrusted-proxy',
          origin: networkOf(originOf(peer)),
          msg: 'X-Forwarded-For is ignored: TRUSTED_PROXIES does not name who sent it',
        });
    }
    done();
  });
}

/** The caller's origin, as limits count it. */
export const Origin = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  originOf(context.switchToHttp().getRequest<FastifyRequest>().ip),
);

/** The eight groups of an IPv6 address. */
function groupsOf(ip: string): string[] {
  const [before = [], after = []] = ip.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  return [...before, ...new Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

/** The address of this installation. Without PUBLIC_URL it is known once the server listens. */
export class PublicUrl {
  private url: string | null;

  constructor(configured: string | null) {
    this.url = configured;
  }

  /** Sets the address that the server listens on, unless one is configured. */
  listeningOn(url: string): void {
    this.url ??= url;
  }

  /** The address, without a trailing slash. */
  get base(): string {
    if (this.url === null) throw new TypeError('the server does not listen yet');
    return this.url;
  }

  get origin(): string {
    return new URL(this.base).origin;
  }
}
