import { MAIL_FAILURE_ADVICE } from './mail-failure-advice.js';
import {
  MAIL_FAILURE_REASONS,
  reasonOf,
  type MailFailureReason,
  type SmtpError,
} from '../../shared/mail/mail-failures.js';

const SENDER = 'no-reply@rolecall.example';
const RECIPIENT = 'ann@example.org';

function reply(command: string, response: string, code = 'EENVELOPE'): SmtpError {
  return { code, command, response, responseCode: Number(response.slice(0, 3)) };
}

const rcpt = (response: string): SmtpError => reply('RCPT TO', response);

describe('the reason why a mail cannot be sent', () => {
  it.each<[MailFailureReason, string]>([
    ['nobody-listens', 'ECONNREFUSED'],
    ['nobody-listens', 'EHOSTUNREACH'],
    ['connection-lost', 'ECONNRESET'],
    ['certificate-self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['certificate-untrusted', 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['certificate-untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['certificate-expired', 'CERT_HAS_EXPIRED'],
    ['certificate-expired', 'CERT_NOT_YET_VALID'],
    ['certificate-other-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['tls-failed', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['connection-lost', 'ESOMETHING'],
  ])('is %s when Node says %s', (reason, originalCode) => {
    expect(reasonOf({ code: 'ESOCKET', originalCode }, SENDER, RECIPIENT)).toBe(reason);
  });

  it.each<[MailFailureReason, SmtpError]>([
    ['name-unknown', { code: 'EDNS', originalCode: 'ENOTFOUND' }],
    ['name-unknown', { code: 'EDNS', originalCode: 'ESERVFAIL' }],
    ['no-answer', { code: 'ETIMEDOUT' }],
    ['connection-lost', { code: 'ECONNECTION' }],
    ['tls-failed', reply('STARTTLS', '502 5.5.1 Error: command not implemented', 'ETLS')],
    ['login-refused', reply('AUTH PLAIN', '535 5.7.8 Error: authentication failed', 'EAUTH')],
    ['login-refused', { code: 'EAUTH', command: 'API' }],
    ['other', { code: 'EENVELOPE', command: 'API' }],
    ['other', {}],
  ])('is %s for %j', (reason, error) => {
    expect(reasonOf(error, SENDER, RECIPIENT)).toBe(reason);
  });

  // The answers are those of the servers' documentation and sources, with the addresses of this test.
  it.each<[MailFailureReason, string, SmtpError]>([
    ['sender-refused', 'Postfix, delayed', rcpt(`550 5.7.1 <${SENDER}>: Sender address rejected: Access denied`)],
    [
      'sender-refused',
      'Postfix, delayed, for now',
      rcpt(`450 4.1.8 <${SENDER}>: Sender address rejected: Domain not found`),
    ],
    [
      'sender-refused',
      'Postfix, login of another',
      rcpt(`553 5.7.1 <${SENDER}>: Sender address rejected: not owned by user ann`),
    ],
    ['sender-refused', 'Exim', rcpt(`550-Verification failed for <${SENDER}>\n550 Sender verify failed`)],
    [
      'sender-refused',
      'Exchange',
      reply('DATA', '550 5.7.60 SMTP; Client does not have permissions to send as this sender', 'EMESSAGE'),
    ],
    ['sender-refused', 'any, at once', reply('MAIL FROM', '553 sorry')],
    ['client-refused', 'Postfix', rcpt(`554 5.7.1 <${RECIPIENT}>: Relay access denied`)],
    ['client-refused', "Debian's Postfix", rcpt(`454 4.7.1 <${RECIPIENT}>: Relay access denied`)],
    [
      'client-refused',
      'Postfix, by address',
      rcpt('554 5.7.1 <unknown[10.0.0.1]>: Client host rejected: Access denied'),
    ],
    ['client-refused', 'Exim', rcpt('550 relay not permitted')],
    ['client-refused', 'Exchange', rcpt('550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain')],
    ['client-refused', 'at the greeting', reply('CONN', '554 mail.example ESMTP not accepting messages', 'EPROTOCOL')],
    ['login-refused', 'a submission service', reply('MAIL FROM', '530 5.7.0 Authentication required')],
    [
      'tls-failed',
      'a submission service in the clear',
      reply('MAIL FROM', '530 5.7.0 Must issue a STARTTLS command first'),
    ],
    ['server-busy', 'Postfix, disk full', reply('MAIL FROM', '452 4.3.1 Insufficient system storage')],
    ['server-busy', 'Postfix, no cleanup', reply('DATA', '451 4.3.0 Error: queue file write error', 'EMESSAGE')],
    [
      'server-busy',
      'Postfix, too many connections',
      reply('CONN', '421 4.7.0 mail.example Error: too many connections from 10.0.0.1', 'ECONNECTION'),
    ],
    [
      'recipient-refused',
      'Postfix',
      rcpt(`550 5.1.1 <${RECIPIENT}>: Recipient address rejected: User unknown in virtual mailbox table`),
    ],
    ['recipient-refused', 'Postgrey', rcpt(`450 4.2.0 <${RECIPIENT}>: Recipient address rejected: Greylisted`)],
    ['recipient-refused', 'any, with both addresses', rcpt(`550 mail from <${SENDER}> to <${RECIPIENT}> refused`)],
    ['recipient-refused', 'any, without address', rcpt('550 No such user')],
    ['mail-refused', 'a filter', reply('DATA', '554 5.7.1 Message rejected as spam', 'EMESSAGE')],
  ])('is %s when the server is %s', (reason, _server, error) => {
    expect(reasonOf(error, SENDER, RECIPIENT)).toBe(reason);
  });

  it('has advice of its own', () => {
    expect(Object.keys(MAIL_FAILURE_ADVICE)).toEqual([...MAIL_FAILURE_REASONS]);
    expect(new Set(Object.values(MAIL_FAILURE_ADVICE)).size).toBe(MAIL_FAILURE_REASONS.length);
  });
});
