import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { MailTransport, type MailRefused } from '../../../src/shared/mail/mail-transport.js';
import { MailServer } from '../../../src/shared/mail/mail-server.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { REFUSED_FOR_GOOD, REFUSED_FOR_NOW, TestPostfix, type DeliveredMail } from '../../support/servers/postfix.js';
import { describeWith } from '../../support/servers/programs.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';
import { createOrganisation, type Place } from '../../support/scenarios.js';

const BATCH = 150;

describeWith(['postfix'], "Debian's Postfix", () => {
  let postfix: TestPostfix;
  beforeAll(async () => {
    postfix = await TestPostfix.start();
  });
  afterAll(async () => {
    await postfix.close();
  });

  async function mailsTo(addresses: readonly string[]): Promise<DeliveredMail[]> {
    const wanted = new Set(addresses);
    return (await postfix.mails()).filter(({ to }) => wanted.has(to));
  }

  /** Waits until each address has a mail. */
  async function delivered(addresses: readonly string[]): Promise<DeliveredMail[]> {
    return waitFor(
      'a mail to everybody',
      async () => {
        const mails = await mailsTo(addresses);
        return new Set(mails.map(({ to }) => to)).size === addresses.length && mails;
      },
      60_000,
    );
  }

  describe('by SMTP_URL alone', () => {
    async function outcomeOf(smtpUrl: string, smtpAuthorities: string | null = null): Promise<string> {
      const transport = new MailTransport({ smtpUrl, smtpAuthorities, from: 'no-reply@rolecall.example' });
      const mail = { id: randomUUID(), to: 'ann@example.org', subject: 'Hello', html: 'Hello', text: 'Hello' };
      const outcomes = await Promise.all(
        [transport.ask(), transport.send(mail)].map(async (tried) =>
          tried.then(
            () => 'taken',
            (error: unknown) => (error as MailRefused).reason,
          ),
        ),
      );
      transport.close();
      return [...new Set(outcomes)].join();
    }

    it.each([
      ['', 'taken'],
      ['?ignoreTLS=true', 'taken'],
      ['?requireTLS=true', 'taken'],
      ['?tls.rejectUnauthorized=false', 'taken'],
      ['?tls.rejectUnauthorized=true', 'certificate-self-signed'],
    ])('%s: %s', async (query, outcome) => {
      expect(await outcomeOf(postfix.url + query)).toBe(outcome);
    });

    it('takes mails from a client that trusts its certificate, under its name alone', async () => {
      const authority = readFileSync(postfix.certificateFile, 'utf8');
      expect(await outcomeOf(`${postfix.url}?tls.servername=mail.rolecall.test`, authority)).toBe('taken');
      expect(await outcomeOf(postfix.url, authority)).toBe('certificate-other-name');
    });

    it('speaks no TLS before STARTTLS', async () => {
      expect(await outcomeOf(postfix.url.replace('smtp:', 'smtps:'))).toBe('tls-failed');
    });
  });

  describeOnOneEngine('with the product', (engine) => {
    let server: TestServer;
    let organisation: Place;
    beforeAll(async () => {
      server = await startTestServer(engine, { SMTP_URL: postfix.url });
      organisation = await createOrganisation(server);
    });
    afterAll(async () => {
      await server.close();
    });

    const invite = async (emails: string[]) =>
      server.admin.post(`${organisation.path}/staff-invitations`, { emails, role: 'contributor' }).expect(201);

    it('delivers a mail that came by STARTTLS, with a certificate that it signed itself', async () => {
      await invite(['starttls@example.org']);
      const [mail] = await delivered(['starttls@example.org']);
      expect(mail!.raw).toContain('ESMTPS');
      expect(await postfix.log()).toContain('TLS connection established');
    });

    it('delivers to an address with letters beyond ASCII on either side', async () => {
      await invite(['jürgen@köln.example']);
      const [mail] = await delivered(['jürgen@xn--kln-sna.example']);
      expect(mail!.raw).toContain('UTF8SMTP');
    });

    it('delivers each mail under one Message-ID over a restart in the middle of a batch', async () => {
      const addresses = Array.from({ length: BATCH }, (_, n) => `batch-${String(n)}@example.org`);
      await invite(addresses);
      await waitFor('the first ones', async () => (await mailsTo(addresses)).length >= 10);
      await postfix.goAway();
      await waitFor('mails that were not taken', async () => server.running.app.get(MailServer).state.up === false);
      expect((await mailsTo(addresses)).length).toBeLessThan(BATCH);
      await postfix.comeBack();
      const mails = await delivered(addresses);
      await waitFor('it counts as up, because mails left', async () => server.running.app.get(MailServer).state.up);
      expect(new Set(mails.map(({ to, messageId }) => `${to} ${messageId}`)).size).toBe(BATCH);
      // A mail is sent again when its answer was lost with one of the five connections.
      expect(mails.length).toBeLessThanOrEqual(BATCH + 5);
      // A real mail server stops and starts, and decides itself when it delivers again.
    }, 90_000);

    it('is logged with one line for each reason while it restarts', () => {
      const reasons = server.logs
        .filter((line) => line.includes('a mail was not taken'))
        .map((line) => (JSON.parse(line) as { reason: string }).reason);
      expect(reasons.length).toBeGreaterThan(0);
      expect(new Set(reasons).size).toBe(reasons.length);
    });
  });

  describeOnOneEngine('that refuses the domain of the sender', (engine) => {
    it.each([
      [450, REFUSED_FOR_NOW],
      [550, REFUSED_FOR_GOOD],
    ])('with %i is reported so, and the mail waits for another sender', async (code, domain) => {
      const server = await startTestServer(engine, { SMTP_URL: postfix.url, MAIL_FROM: `no-reply@${domain}` });
      try {
        const mailServer = server.running.app.get(MailServer);
        await waitFor('it was asked', async () => mailServer.state.up === false);
        expect((await server.admin.get('/v1/mail-server').expect(200)).body).toMatchObject({
          up: false,
          reason: 'sender-refused',
          code: String(code),
          advice: expect.stringContaining('MAIL_FROM'),
        });
        const { path } = await createOrganisation(server);
        await server.admin
          .post(`${path}/staff-invitations`, { emails: [`refused-${String(code)}@example.org`], role: 'contributor' })
          .expect(201);
        await waitFor('a mail was not taken', async () => mailServer.failures.totals.get('sender-refused')! >= 2);
        const { items } = (await server.admin.get(`${path}/staff-invitations`).expect(200)).body as {
          items: { mail: { state: string } }[];
        };
        expect(items.map(({ mail }) => mail.state)).toEqual(['pending']);
      } finally {
        await server.close();
      }
    });
  });
});
