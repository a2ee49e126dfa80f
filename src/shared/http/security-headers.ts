import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet, { type HelmetOptions } from 'helmet';

/**
 * Returns the security headers, which are the same for every response, so that helmet computes them once.
 * @param publicUrl null: unknown, so browsers aren't told to use TLS alone
 * @param includeSubDomains whether that applies to its subdomains too
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
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // Swagger UI writes style attributes.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        upgradeInsecureRequests: null,
      },
    },
    strictTransportSecurity: publicUrl?.startsWith('https:') ? { includeSubDomains } : false,
    referrerPolicy: { policy: 'no-referrer' },
  };
  helmet(options)({} as IncomingMessage, collecting as unknown as ServerResponse, () => undefined);
  return headers;
}
