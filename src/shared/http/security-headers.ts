import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet, { type HelmetOptions } from 'helmet';

/** What browsers are told of every answer. Always the same, so that helmet works it out once. @param publicUrl null: not known, so not told to come by TLS alone @param includeSubDomains whether they are told so of its subdomains */
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
