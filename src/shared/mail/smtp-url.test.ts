import { isLoopback, problemWithSmtpUrl, readSmtpUrl } from './smtp-url.js';

describe('SMTP_URL', () => {
  it.each([
    ['smtp://mail.example', { host: 'mail.example', port: 587, secure: false, tls: {} }],
    ['smtps://mail.example', { host: 'mail.example', port: 465, secure: true, tls: {} }],
    ['smtp://127.0.0.1:25/', { host: '127.0.0.1', port: 25, secure: false, tls: {} }],
    ['smtp://[::1]:25', { host: '::1', port: 25, secure: false, tls: {} }],
    ['smtp://mail.köln.example', { host: 'mail.xn--kln-sna.example', port: 587, secure: false, tls: {} }],
    [
      'smtp://ann%40example.org:p%2Fw%3F%23%25@mail.example',
      { host: 'mail.example', port: 587, secure: false, auth: { user: 'ann@example.org', pass: 'p/w?#%' }, tls: {} },
    ],
    [
      'smtp://ann:50%@mail.example',
      { host: 'mail.example', port: 587, secure: false, auth: { user: 'ann', pass: '50%' }, tls: {} },
    ],
    [
      'smtp://mail.example?requireTLS=true&name=rolecall.example&rateLimit=20',
      {
        host: 'mail.example',
        port: 587,
        secure: false,
        requireTLS: true,
        name: 'rolecall.example',
        rateLimit: 20,
        tls: {},
      },
    ],
    [
      'smtp://mail.example?ignoreTLS=true&authMethod=LOGIN&localAddress=10.0.0.1',
      {
        host: 'mail.example',
        port: 587,
        secure: false,
        ignoreTLS: true,
        authMethod: 'LOGIN',
        localAddress: '10.0.0.1',
        tls: {},
      },
    ],
    [
      'smtp://mail.example?tls.rejectUnauthorized=false&tls.servername=mx.example&tls.minVersion=TLSv1&tls.ciphers=DEFAULT@SECLEVEL%3D0',
      {
        host: 'mail.example',
        port: 587,
        secure: false,
        tls: {
          rejectUnauthorized: false,
          servername: 'mx.example',
          minVersion: 'TLSv1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        },
      },
    ],
  ])('%s names host, port, login and TLS', (url, server) => {
    expect([problemWithSmtpUrl(url), readSmtpUrl(url)]).toEqual([null, server]);
  });

  it.each([
    'mail.example',
    'mail.example:587',
    'http://mail.example',
    'smtp:mail.example',
    'smtp://',
    'smtp://:587',
    'smtp://mail.example/path',
    'smtp://mail.example#x',
    'smtp://ann:12/34@mail.example',
    'smtp://ann:12#34@mail.example',
  ])('is not %s', (url) => {
    expect(problemWithSmtpUrl(url)).toMatch(/^must look like smtp:/);
  });

  it.each([
    ['requireTls=true', 'requireTls'],
    ['tls.ca=x', 'tls.ca'],
    ['logger=true', 'logger'],
    ['pool=false', 'pool'],
    ['secure=true', 'secure'],
    ['service=gmail', 'service'],
  ])('is refused with the unknown parameter %s, by its name', (query, name) => {
    expect(problemWithSmtpUrl(`smtp://mail.example?${query}`)).toContain(
      `has the parameter ${name}, which isn't known`,
    );
  });

  it.each([
    ['requireTLS=yes', 'requireTLS'],
    ['requireTLS=', 'requireTLS'],
    ['ignoreTLS=1', 'ignoreTLS'],
    ['tls.rejectUnauthorized=no', 'tls.rejectUnauthorized'],
    ['rateLimit=0', 'rateLimit'],
    ['tls.minVersion=1.2', 'tls.minVersion'],
    ['tls.ciphers=', 'tls.ciphers'],
    ['name=a%20b', 'name'],
    ['localAddress=here', 'localAddress'],
    ['authMethod=XOAUTH2', 'authMethod'],
  ])('is refused with %s', (query, name) => {
    expect(problemWithSmtpUrl(`smtp://mail.example?${query}`)).toMatch(
      new RegExp(`^has a parameter ${name} that must be `),
    );
  });

  it('is refused with a parameter twice, or with two that contradict each other', () => {
    expect(problemWithSmtpUrl('smtp://mail.example?ignoreTLS=true&ignoreTLS=false')).toContain('ignoreTLS twice');
    expect(problemWithSmtpUrl('smtp://mail.example?ignoreTLS=true&requireTLS=true')).toContain('set one of them');
  });

  it.each([
    'smtp://ann:12?hush@mail.example',
    'smtp://ann:12?hush=hush@mail.example',
    'smtp://ann:12?x=1&hush@mail.example',
    'smtp://mail.example?hush%20hush=1',
  ])('is refused without naming what may be part of a password: %s', (url) => {
    expect(problemWithSmtpUrl(url)).toContain("a parameter that isn't known");
    expect(problemWithSmtpUrl(url)).not.toContain('hush');
  });
});

describe('this machine', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    'localhost.example',
    'mail.example',
    '128.0.0.1',
    '126.255.255.255',
    '10.0.0.1',
    '0.0.0.0',
    '::',
    '::2',
    'fe80::1',
    '127.0.0.1.example',
    '127.1',
  ])('is not %s', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
