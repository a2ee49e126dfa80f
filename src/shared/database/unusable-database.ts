import type { DriverOptions } from './connection-url.js';

/**
 * The database can't be used as it is. The message names the setting and what to do, without any value of the setting.
 */
export class UnusableDatabase extends Error {
  override readonly name = 'UnusableDatabase';

  /** @param code a SQLSTATE or an error code of Node */
  constructor(
    what: string,
    readonly code: string,
    cause: unknown,
  ) {
    super(`DATABASE_URL: ${what} (${code})`, { cause });
  }
}

const NAME_UNKNOWN = "nobody knows the host's name. Correct it, or look at the machine's name server";
const NO_ANSWER = 'the host does not answer. Look at its address, and at firewalls between';
const CLOSED =
  'the server closed the connection at once. See whether PostgreSQL listens at this port, and look at its log';
const UNTRUSTED =
  "the server's certificate is of no authority that is trusted here. Name the authority's file by sslrootcert";
const TLS_FAILED =
  "TLS fails. Look at the server's log, and at sslcert and sslkey when it wants a client's certificate";

const WRONG_PASSWORD =
  'the server refuses this user with this password. Set the right ones, special characters percent-encoded';
const NO_DATABASE =
  'this database does not exist on the server. Correct its name, or create it: it is never made by itself';

/** Sentences by SQLSTATE or Node's code. */
export const SENTENCES: Readonly<Record<string, string>> = {
  '28P01': WRONG_PASSWORD,
  '3D000': NO_DATABASE,
  '42501':
    'this user may not do what is needed. Grant connect on the database, and usage and create on its schema, or make the user its owner',
  '25006': 'this server only reads, as a standby does. Name the one that takes writes',
  '53300': 'the server has no connection left. End others, or raise max_connections',
  '57P03': 'the server takes no connections at present. Start again when it does',
  ENOTFOUND: NAME_UNKNOWN,
  EAI_AGAIN: NAME_UNKNOWN,
  ECONNREFUSED: 'nobody listens at this host and port. Correct them, or start PostgreSQL',
  ECONNRESET: CLOSED,
  ETIMEDOUT: NO_ANSWER,
  EHOSTUNREACH: NO_ANSWER,
  ENETUNREACH: NO_ANSWER,
  ENOENT: 'there is no socket of this port in the folder that host names. Correct them, or start PostgreSQL',
  EACCES: 'this process may not open the socket in the folder that host names. Let its user in',
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name. Write the host as its certificate does",
  CERT_HAS_EXPIRED: "the server's certificate has expired. Renew it",
  CERT_NOT_YET_VALID: "the server's certificate isn't valid yet. Look at the clocks of both machines",
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  EPROTO: TLS_FAILED,
};

/** The driver's own messages without a code. No server translates them. */
export const WORDS: readonly (readonly [RegExp, string, string])[] = [
  [
    /^The server does not support SSL connections$/,
    'no-tls',
    'the server has no TLS. Turn it on there, or set sslmode=prefer or disable where the network is trusted',
  ],
  [/client password must be a/, 'no-password', 'the server wants a password. Set one: postgres://user:password@host'],
  [/^timeout expired$/, 'timeout', NO_ANSWER],
  [/^Connection terminated unexpectedly$|^There was an error establishing an SSL connection$/, 'closed', CLOSED],
];

/**
 * PgBouncer uses this SQLSTATE for all its errors and tells them apart in English words. Newer versions also use some
 * of PostgreSQL's codes.
 */
const POOLER = '08P01';
const POOLERS_WORDS: readonly (readonly [RegExp, string])[] = [
  [/authentication failed|no such user/, WRONG_PASSWORD],
  [/no such database|^database .* does not exist/, NO_DATABASE],
  [
    /unsupported startup parameter/,
    'the pooler does not pass a parameter on. Remove options, or let the pooler ignore it',
  ],
  [/(?:)/, 'the pooler refuses the connection. Look at its log'],
];

/**
 * SQLSTATE of every refusal before the password is checked. Only the server's routine tells them apart, because the
 * message is translated.
 */
const NOT_LET_IN = '28000';
const NO_SUCH_ROLE = 'InitializeSessionUserId';

/** Returns the error as a sentence for operators; the error itself when there is none. */
export function explained(error: unknown, options: DriverOptions): unknown {
  const { code, message = '', routine } = error as { code?: string; message?: string; routine?: string };
  if (code === undefined) {
    const [, kind, sentence] = WORDS.find(([words]) => words.test(message)) ?? [];
    return sentence === undefined ? error : new UnusableDatabase(sentence, kind ?? '', error);
  }
  const sentence = sentenceFor(code, message, routine, options);
  return sentence === undefined ? error : new UnusableDatabase(sentence, code, error);
}

function sentenceFor(
  code: string,
  message: string,
  routine: string | undefined,
  options: DriverOptions,
): string | undefined {
  if (code === NOT_LET_IN) return notLetIn(routine, options);
  if (code === POOLER) return POOLERS_WORDS.find(([words]) => words.test(message))?.[1];
  return SENTENCES[code] ?? (code.startsWith('ERR_SSL_') ? TLS_FAILED : undefined);
}

function notLetIn(routine: string | undefined, { host = '', ssl }: DriverOptions): string {
  if (routine === NO_SUCH_ROLE)
    return 'the server has no such user, or it may not log in. Correct the name, or create the role with login';
  if (host.startsWith('/'))
    return 'the server does not let this user into this database over its socket. Add a line to its pg_hba.conf';
  if (ssl)
    return "the server does not let this user into this database from here. Add sslcert and sslkey when it wants a client's certificate, else a line to its pg_hba.conf";
  return 'the server does not let this user into this database from here. Add ?sslmode=verify-full when it demands TLS, else a line to its pg_hba.conf';
}
