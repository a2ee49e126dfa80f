import { randomUUID } from 'node:crypto';
import { readMailRate } from '../../../src/shared/mail/mail-rate.js';
import { MailTransport } from '../../../src/shared/mail/mail-transport.js';
import { MassSmtp } from '../../support/mass-smtp.js';

/** Timers may fire a little early. */
const TOLERANCE_MS = 20;

let smtp: MassSmtp;
beforeEach(async () => {
  smtp = await MassSmtp.start();
});
afterEach(() => {
  smtp.close();
});

/** Sends the mails together. @returns how long the last one took */
async function send(mails: number, { rate, parameters = '' }: { rate?: string; parameters?: string }): Promise<number> {
  const transport = new MailTransport({
    smtpUrl: smtp.url + parameters,
    from: 'no-reply@rolecall.example',
    ...(rate === undefined ? {} : { rate: readMailRate(rate) }),
  });
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: mails }, async () =>
      transport.send({ id: randomUUID(), to: 'ann@example.org', subject: 'Hello', html: 'Hello', text: 'Hello' }),
    ),
  );
  const tookMs = performance.now() - startedAt;
  const connections = smtp.goAway();
  transport.close();
  expect(smtp.mails).toHaveLength(mails);
  expect(connections).toBeLessThanOrEqual(transport.rate.connections);
  return tookMs;
}

describe('the mail rate', () => {
  it('limits the mails of a second', async () => {
    // Five at once, five after 250 ms, five after 500 ms, one after 750 ms.
    expect(await send(16, { rate: '20/5' })).toBeGreaterThan(750 - TOLERANCE_MS);
  });

  it('limits the mails of a second below the number of connections', async () => {
    expect(await send(4, { rate: '2/5' })).toBeGreaterThan(1000 - TOLERANCE_MS);
  });

  it('limits the connections', async () => {
    await send(30, { rate: '1000/3' });
  });

  it('is that of SMTP_URL where it has one', async () => {
    expect(await send(4, { parameters: '?rateLimit=2' })).toBeGreaterThan(1000 - TOLERANCE_MS);
  });
});
