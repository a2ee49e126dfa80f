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

/** Tells the operator what to do. Names settings, and nothing that the server said. */
export const MAIL_FAILURE_ADVICE: Readonly<Record<MailFailureReason, string>> = {
  'name-unknown': 'No DNS server knows the host that SMTP_URL names: correct it, or the DNS of this machine.',
  'nobody-listens':
    'Nobody listens at that host and port: start the mail server, or correct SMTP_URL. Without a port it means 587; a local Postfix usually listens at 25.',
  'no-answer':
    'The mail server does not answer in time: look for a firewall between, and for smtp:// where the port wants smtps:// (465).',
  'connection-lost': 'The mail server closed the connection: look at its log.',
  'certificate-self-signed':
    'The mail server signed its certificate itself: name that certificate by SMTP_CA_FILE, or set ?tls.rejectUnauthorized=false in SMTP_URL.',
  'certificate-untrusted':
    "This machine does not know the authority of the mail server's certificate: name it by SMTP_CA_FILE, or let the server send the certificates between.",
  'certificate-expired':
    "The mail server's certificate has expired or is not valid yet: renew it, or set the clock of this machine.",
  'certificate-other-name':
    "The mail server's certificate is for another name: write that name in SMTP_URL, or set ?tls.servername= to it.",
  'tls-failed':
    'TLS could not begin: smtps:// goes with port 465, smtp:// with 587 and 25; the server may have no STARTTLS, insist on it, or speak no TLS 1.2.',
  'login-refused':
    'The mail server refuses the login, or wants one: correct user and password in SMTP_URL, percent-encoded.',
  'client-refused':
    'The mail server does not take mails for others from this machine: allow its address there (Postfix: mynetworks), or log in.',
  'sender-refused': 'The mail server refuses the sender: set MAIL_FROM to an address that may send there.',
  'server-busy': 'The mail server takes nothing for now: look at its log, disk and limits.',
  'recipient-refused': 'The mail server refuses the address of a recipient: the list of invitations shows which.',
  'mail-refused': 'The mail server refuses the text of a mail: look at its log and filters.',
  other: 'Look at the log of the mail server.',
};

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
 * The reply's enhanced code or the address in it tells which is meant. Sources: RFC 5321 §4.2, RFC 3463 §3
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
