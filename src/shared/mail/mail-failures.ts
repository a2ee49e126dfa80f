/** Why a mail can't be sent. The list is closed, because the names are metric labels and response fields. */
export const MAIL_FAILURE_REASONS = [
  'name-unknown',
  'nobody-listens',
  'no-answer',
  'connection-lost',
  'certificate-self-signed',
  'certificate-untrusted',
  'certificate-expired',
  'certificate-other-name',
  'tls-failed',
  'login-refused',
  'client-refused',
  'sender-refused',
  'server-busy',
  'recipient-refused',
  'mail-refused',
  'other',
] as const;
export type MailFailureReason = (typeof MAIL_FAILURE_REASONS)[number];

/** What an operator can do about each reason. */
export type MailFailureAdvice = Readonly<Record<MailFailureReason, string>>;

/**
 * An error of nodemailer. `command` is the command that the server refused.
 * `originalCode` is Node's code before nodemailer replaced it with its own.
 */
export interface SmtpError {
  code?: string;
  originalCode?: string;
  responseCode?: number;
  response?: string;
  command?: string;
}

/** Source: Node's documentation of `tls`, "X509 certificate error codes", and of `dns` and `net`. */
const BY_CODE: Readonly<Record<string, MailFailureReason>> = {
  EDNS: 'name-unknown',
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  ECONNREFUSED: 'nobody-listens',
  EHOSTUNREACH: 'nobody-listens',
  ENETUNREACH: 'nobody-listens',
  EADDRNOTAVAIL: 'nobody-listens',
  ETIMEDOUT: 'no-answer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-untrusted',
  CERT_UNTRUSTED: 'certificate-untrusted',
  INVALID_CA: 'certificate-untrusted',
  CERT_HAS_EXPIRED: 'certificate-expired',
  CERT_NOT_YET_VALID: 'certificate-expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-other-name',
  HOSTNAME_MISMATCH: 'certificate-other-name',
  ETLS: 'tls-failed',
  EPROTO: 'tls-failed',
  EAUTH: 'login-refused',
  ENOAUTH: 'login-refused',
  ECONNECTION: 'connection-lost',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  ESOCKET: 'connection-lost',
};

/**
 * Returns why a mail wasn't sent. By default Postfix refuses senders and clients in response to RCPT TO
 * (`smtpd_delay_reject`).
 * The reply's enhanced code, or the address in it, tells which of them it refuses. Sources: RFC 5321 §4.2, RFC 3463 §3
 * @param recipient null: a check without a recipient
 */
export function reasonOf(error: SmtpError, sender: string, recipient: string | null): MailFailureReason {
  const { code = '', originalCode = '', responseCode } = error;
  const known = originalCode.startsWith('ERR_SSL_') ? 'tls-failed' : BY_CODE[originalCode];
  if (known) return known;
  return responseCode === undefined
    ? (BY_CODE[code] ?? 'other')
    : reasonOfReply(error, responseCode, sender, recipient);
}

/** Problems of the server: it shuts down, has too many connections, or its disk is full. */
const BUSY = /^4\d\d.4\.3\.\d/;
const LOGIN = [530, 534, 535, 538];
/** `5.1.7` and `5.1.8`: bad address of the sender. `5.7.60`, from Microsoft: no right to send as it. */
const OF_SENDER = /^\d{3}.[45]\.(?:1\.[78]|7\.60)\b|send as this sender/i;
const OF_CLIENT = /\brelay|client host rejected/i;

function reasonOfReply(
  { code = '', command = '', response = '' }: SmtpError,
  reply: number,
  sender: string,
  recipient: string | null,
): MailFailureReason {
  if (reply === 530 && /starttls/i.test(response)) return 'tls-failed';
  if (code === 'EAUTH' || LOGIN.includes(reply)) return 'login-refused';
  if (code === 'ETLS') return 'tls-failed';
  if (reply === 421 || BUSY.test(response)) return 'server-busy';
  if (OF_CLIENT.test(response)) return 'client-refused';
  const quotes = (address: string | null): boolean =>
    address !== null && response.toLowerCase().includes(`<${address.toLowerCase()}>`);
  if (command === 'MAIL FROM' || OF_SENDER.test(response) || (quotes(sender) && !quotes(recipient)))
    return 'sender-refused';
  if (command === 'RCPT TO') return 'recipient-refused';
  if (code === 'EMESSAGE' || command === 'DATA') return 'mail-refused';
  return reply >= 500 ? 'client-refused' : 'server-busy';
}

const OF_ONE_MAIL: readonly MailFailureReason[] = ['recipient-refused', 'mail-refused'];

/** Tells whether the reason concerns one mail. Any other reason keeps every mail from being sent. */
export function isOfOneMail(reason: MailFailureReason): boolean {
  return OF_ONE_MAIL.includes(reason);
}
