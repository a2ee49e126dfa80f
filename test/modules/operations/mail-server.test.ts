import { describeOnOneEngine } from '../../support/engines.js';
import { metricsAt, withTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';

const OPTIONAL = ['up', 'reason', 'advice', 'code', 'since', 'lastTriedAt', 'server'];

describeOnOneEngine('GET /v1/mail-server', (engine) => {
  const withServer = async (
    settings: Record<string, string>,
    work: (server: TestServer) => Promise<void>,
  ): Promise<void> => withTestServer(engine, settings, work);
  const answerOf = async (server: TestServer): Promise<Record<string, unknown>> =>
    (await server.admin.get('/v1/mail-server').expect(200)).body;
  const asked = async (server: TestServer) =>
    waitFor('the first check of the mail server', async () => (await answerOf(server))['up'] !== null);

  const saysSender = (line: string): boolean => line.includes('MAIL_FROM is not set');

  it('shows that mails are sent, and the sender, with a log line if that is the default', async () => {
    await withServer({ PUBLIC_URL: 'https://invitations.example.org' }, async (server) => {
      await asked(server);
      expect(await answerOf(server)).toMatchObject({
        delivery: 'smtp',
        server: new URL(server.smtp.url).host,
        sender: 'no-reply@invitations.example.org',
        up: true,
        reason: null,
        advice: null,
        code: null,
        since: expect.any(String),
      });
      expect(await metricsAt(server.url)).toContain('\nrolecall_mail_server_up 1\n');
      expect(server.smtp.mails).toEqual([]);
      expect(server.logs.filter(saysSender)).toEqual([
        expect.stringContaining('"sender":"no-reply@invitations.example.org"'),
      ]);
    });
  });

  it('gives the reason why mails are not sent, and delays no start', async () => {
    await withServer(
      { SMTP_URL: 'smtp://ann:hush-hush@127.0.0.1:1?requireTLS=true', MAIL_FROM: 'Rolecall <rolecall@example.org>' },
      async (server) => {
        await asked(server);
        const answer = await answerOf(server);
        expect(answer).toMatchObject({
          delivery: 'smtp',
          server: '127.0.0.1:1',
          sender: 'rolecall@example.org',
          up: false,
          reason: 'nobody-listens',
          code: 'ECONNREFUSED',
          advice: expect.stringContaining('Nobody listens'),
        });
        const metrics = await metricsAt(server.url);
        for (const line of [
          'rolecall_mail_server_up 0',
          'rolecall_mail_failures_total{reason="nobody-listens"} 1',
          'rolecall_mail_failures_total{reason="sender-refused"} 0',
        ]) {
          expect(metrics).toContain(`\n${line}\n`);
        }
        await server.anonymous.get('/health/ready').expect(200);
        expect(JSON.stringify(answer) + metrics + server.logs.join('')).not.toContain('hush');
        expect(server.logs.filter(saysSender)).toEqual([]);
      },
    );
  });

  it('says that there is no mail server, and shows no metrics of it', async () => {
    await withServer({ SMTP_URL: '' }, async (server) => {
      expect(await answerOf(server)).toEqual({
        delivery: 'mailbox',
        sender: 'no-reply@rolecall.example',
        ...Object.fromEntries(OPTIONAL.map((name) => [name, null])),
      });
      expect(await metricsAt(server.url)).not.toContain('rolecall_mail_server');
    });
  });
});
