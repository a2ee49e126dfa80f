import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet, { type HelmetOptions } from 'helmet';

/**
 * Returns the security headers, which are the same for every response, so that helmet computes them once.
 * @param publicUrl null: unknown, so the headers don't tell browsers to use TLS alone
 * @param includeSubDomains whether browsers must use TLS for its subdomains too
 */
export function securityHeaders(publicUrl: string | null, includeSubDomains: boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  const collecting = {
    setHeader: (name: string, value: string) => {
      headers[name] = value;
    },
    removeHeader: () => undefined,
  };
  const options: HelmetOptions = {
    contentSecurityPolicy: {
      // Helmet's own directives allow fonts of other hosts.
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        scriptSrcAttr: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    strictTransportSecurity: publicUrl?.startsWith('https:') ? { includeSubDomains } : false,
    referrerPolicy: { policy: 'no-referrer' },
  };
  helmet(options)({} as IncomingMessage, collecting as unknown as ServerResponse, () => undefined);
  return headers;
}
