import type { MailFailureAdvice } from '../../shared/mail/mail-failures.js';

/** Advice to operators by the reason of a failure. It names settings, and quotes no reply of a server. */
export const MAIL_FAILURE_ADVICE: MailFailureAdvice = {
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
