import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { isLoopbackAddress } from '../network/loopback.js';

/** The content of SMTP_URL as nodemailer's options. */
export interface SmtpServer {
  /** A name, or an IP address without brackets. */
  host: string;
  port: number;
  /** True: TLS from the first byte; false: STARTTLS. */
  secure: boolean;
  auth?: { user: string; pass: string };
  authMethod?: string;
  ignoreTLS?: boolean;
  requireTLS?: boolean;
  /** The name that this machine gives itself. */
  name?: string;
  localAddress?: string;
  /** Mails per second. */
  rateLimit?: number;
  tls: { rejectUnauthorized?: boolean; servername?: string; minVersion?: TlsVersion; ciphers?: string };
}

const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
type TlsVersion = (typeof TLS_VERSIONS)[number];

interface Parameter {
  must: string;
  isGood(value: string): boolean;
  put(server: SmtpServer, value: string): void;
}

const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;
const MOST_A_SECOND = 1_000_000;

function oneOf(values: readonly string[], put: Parameter['put']): Parameter {
  return { must: `be ${values.join(' or ')}`, isGood: (value) => values.includes(value), put };
}

function yesOrNo(put: (server: SmtpServer, yes: boolean) => void): Parameter {
  return oneOf(['true', 'false'], (server, value) => {
    put(server, value === 'true');
  });
}

const PARAMETERS: Readonly<Record<string, Parameter>> = {
  ignoreTLS: yesOrNo((server, yes) => {
    server.ignoreTLS = yes;
  }),
  requireTLS: yesOrNo((server, yes) => {
    server.requireTLS = yes;
  }),
  'tls.rejectUnauthorized': yesOrNo((server, yes) => {
    server.tls.rejectUnauthorized = yes;
  }),
  'tls.servername': {
    must: 'be a host name',
    isGood: (value) => HOST.test(value),
    put: (server, value) => {
      server.tls.servername = value;
    },
  },
  'tls.minVersion': oneOf(TLS_VERSIONS, (server, value) => {
    server.tls.minVersion = value as TlsVersion;
  }),
  'tls.ciphers': {
    must: "be a list of OpenSSL's",
    isGood: (value) => /^[\w@=:+!.-]+$/.test(value),
    put: (server, value) => {
      server.tls.ciphers = value;
    },
  },
  authMethod: oneOf(['PLAIN', 'LOGIN', 'CRAM-MD5'], (server, value) => {
    server.authMethod = value;
  }),
  name: {
    must: 'be a host name',
    isGood: (value) => HOST.test(value),
    put: (server, value) => {
      server.name = value;
    },
  },
  localAddress: {
    must: 'be an IP address',
    isGood: (value) => isIP(value) > 0,
    put: (server, value) => {
      server.localAddress = value;
    },
  },
  rateLimit: {
    must: `be a whole number from 1 to ${String(MOST_A_SECOND)}`,
    isGood: (value) => /^[1-9]\d*$/.test(value) && Number(value) <= MOST_A_SECOND,
    put: (server, value) => {
      server.rateLimit = Number(value);
    },
  },
};

/** The parameters of SMTP_URL. A test compares this list with `docs/mail.md`. */
export const SMTP_PARAMETERS: readonly string[] = Object.keys(PARAMETERS);

/**
 * Returns what is wrong with SMTP_URL, to follow its name; null: nothing.
 * It quotes names of parameters, no values and nothing that may be part of a password.
 */
export function problemWithSmtpUrl(text: string): string | null {
  const server = read(text);
  return typeof server === 'string' ? server : null;
}

/** @throws TypeError for a URL that `problemWithSmtpUrl` refuses */
export function readSmtpUrl(text: string): SmtpServer {
  const server = read(text);
  if (typeof server === 'string') throw new TypeError(`SMTP_URL ${server}`);
  return server;
}

/** Tells whether the host is this machine, by its usual name or by address. Nobody can listen between. */
export function isLoopback(host: string): boolean {
  return isIP(host) === 0 ? host.toLowerCase() === 'localhost' : isLoopbackAddress(host);
}

function read(text: string): SmtpServer | string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const host = url && hostOf(url);
  // A password with / or # would end the host too early, and mails would go to another one.
  const isWhole =
    url && host && ['smtp:', 'smtps:'].includes(url.protocol) && ['', '/'].includes(url.pathname) && url.hash === '';
  if (!isWhole) return 'must look like smtp://user:password@host:587, with user and password percent-encoded';
  const secure = url.protocol === 'smtps:';
  const server: SmtpServer = { host, port: Number(url.port) || (secure ? 465 : 587), secure, tls: {} };
  if (url.username || url.password) server.auth = { user: decoded(url.username), pass: decoded(url.password) };
  for (const [name, value] of url.searchParams) {
    const problem = problemWithParameter(url, name, value);
    if (problem) return problem;
    PARAMETERS[name]?.put(server, value);
  }
  if (server.ignoreTLS && server.requireTLS) return 'has ignoreTLS and requireTLS: set one of them';
  return server;
}

function problemWithParameter({ search, searchParams }: URL, name: string, value: string): string | null {
  const parameter = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
  if (parameter) {
    if (searchParams.getAll(name).length > 1) return `has the parameter ${name} twice`;
    return parameter.isGood(value) ? null : `has a parameter ${name} that must ${parameter.must}`;
  }
  // When a password contains a ?, what follows looks like parameters.
  const isName = /^[a-z]+(?:\.[a-z]+)?$/i.test(name) && !search.includes('@');
  const what = isName
    ? `the parameter ${name}, which isn't known`
    : "a parameter that isn't known (a ? in a password is written %3F)";
  return `has ${what}: there are ${SMTP_PARAMETERS.join(', ')}`;
}

function hostOf(url: URL): string {
  const { hostname } = url;
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return domainToASCII(decoded(hostname));
}

/** A % that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
