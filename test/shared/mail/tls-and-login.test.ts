import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { MailTransport, type MailRefused } from '../../../src/shared/mail/mail-transport.js';

const [USER, PASSWORD] = ['rolecall@example.org', 'p/w?#'];
const LOGIN = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}`;

const started: SMTPServer[] = [];
afterAll(() => {
  for (const server of started) server.close();
});

/** It has the library's own certificate: for `localhost`, signed by itself, expired in 2025. */
async function start(options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({
    logger: false,
    disableReverseLookup: true,
    ...options,
    onAuth: ({ username, password }, _session, done) => {
      done(username === USER && password === PASSWORD ? null : new Error('no'), { user: username });
    },
  });
  server.on('error', () => undefined);
  started.push(server);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return (server.server.address() as AddressInfo).port;
}

async function reasonAt(smtpUrl: string, smtpAuthorities: string | null = null): Promise<string> {
  const transport = new MailTransport({ smtpUrl, smtpAuthorities, from: 'no-reply@rolecall.example' });
  const reason = await transport.ask().then(
    () => 'taken',
    (error: unknown) => (error as MailRefused).reason,
  );
  transport.close();
  return reason;
}

async function certificateAt(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const pem = socket.getPeerX509Certificate()!.toString();
  socket.destroy();
  return pem;
}

describe('a mail server with login', () => {
  let byStartTls: string;
  let byTls: string;
  beforeAll(async () => {
    byStartTls = `127.0.0.1:${String(await start({}))}`;
    byTls = `127.0.0.1:${String(await start({ secure: true }))}`;
  });

  it('takes the login by STARTTLS', async () => {
    expect(await reasonAt(`smtp://${LOGIN}@${byStartTls}?requireTLS=true`)).toBe('taken');
  });

  it('takes the login by TLS from the first byte', async () => {
    expect(await reasonAt(`smtps://${LOGIN}@${byTls}`)).toBe('taken');
  });

  it.each([
    ['a wrong password', 'ann:wrong@'],
    ['none', ''],
  ])('refuses %s', async (_, login) => {
    expect(await reasonAt(`smtps://${login}${byTls}`)).toBe('login-refused');
  });
});

describe('a certificate', () => {
  it('that has expired is refused, also from a known authority', async () => {
    const port = await start({ secure: true });
    expect(
      await reasonAt(`smtps://${LOGIN}@127.0.0.1:${String(port)}?tls.servername=localhost`, await certificateAt(port)),
    ).toBe('certificate-expired');
  });

  it('is needed with requireTLS', async () => {
    const port = await start({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] });
    expect(await reasonAt(`smtp://127.0.0.1:${String(port)}?requireTLS=true`)).toBe('tls-failed');
    expect(await reasonAt(`smtp://127.0.0.1:${String(port)}`)).toBe('taken');
  });
});
