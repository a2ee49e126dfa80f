import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { MailTransport } from '../../../src/shared/mail/mail-transport.js';
import { readSender } from '../../../src/shared/mail/sender.js';
import { normaliseEmail } from '../../../src/shared/mail/email-address.js';
import { checkAsync } from '../../support/check.js';
import { TestSmtp } from '../../support/smtp.js';

let smtp: TestSmtp;
let transport: MailTransport;

beforeAll(async () => {
  smtp = await TestSmtp.start();
  transport = new MailTransport({ smtpUrl: smtp.url, from: '"Rolecall, Inc" <No-Reply@rolecall.example>' });
});
afterAll(async () => {
  transport.close();
  await smtp.close();
});

/** Sends a mail. @returns the addresses that the server got */
async function heard(to: string): Promise<string[]> {
  const before = smtp.rcptTo.length;
  await transport.send({ id: randomUUID(), to, subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' });
  return smtp.rcptTo.slice(before);
}

/** Typed and pasted addresses: atoms of ASCII and of other scripts, some characters of neither, and text around them. */
const character = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...Array.from("abz09ÄßıσéK例א٣क!#$%&'*+-/=?^_`{|}~.")) },
  { weight: 1, arbitrary: fc.constantFrom(...Array.from(' \u3000\u00a0\u200b\t\0"\\()<>,;:@[]“”')) },
);
const local = fc.string({ unit: character, minLength: 1, maxLength: 10 });
const domain = fc.constantFrom(
  'example.org',
  'EX.example',
  'köln.example',
  'xn--kln-sna.example',
  'straße.example',
  '例え.jp',
  'a-b.example',
  'ｅｘ.example',
  'נסיון.example',
);
const around = fc.constantFrom(
  ['', ''],
  ['', ''],
  ['Ann <', '>'],
  ['Ann (', ')'],
  ['„', '“'],
  ["'", "'"],
  ['\u3000', '\u00a0'],
  ['x\u3000', ''],
  ['bob@example.org, ', ''],
);
const typed = fc
  .tuple(local, domain, around)
  .map(([name, host, [before = '', behind = '']]) => `${before}${name}@${host}${behind}`);

describe('the mail server gets', () => {
  it('the stored address of any typed one, and two stored ones as two mailboxes', async () => {
    const stored = new Map<string, string>();
    await checkAsync(
      'addresses that are mailed',
      fc.asyncProperty(typed, async (text) => {
        const address = normaliseEmail(text);
        if (address === null || stored.has(address)) return;
        const said = await heard(address);
        expect(said).toEqual([address]);
        stored.set(address, said[0]!);
      }),
      600,
      15_000,
    );
    expect(stored.size).toBeGreaterThan(100);
    expect(new Set(stored.values()).size).toBe(stored.size);
  });

  it('one recipient, also where another parser would read several or a different one', async () => {
    for (const to of [
      'x\u3000ann@ex.example',
      '"ann"@ex.example',
      'bob@ex.example, ann@ex.example',
      'Bob <ann@ex.example>',
    ]) {
      const before = smtp.rcptTo.length;
      await transport.send({ id: randomUUID(), to, subject: 'Hello', html: '', text: 'Hello' }).catch(() => undefined);
      expect(smtp.rcptTo.slice(before)).not.toContain('ann@ex.example');
    }
  });
});

describe('the sender', () => {
  it('beyond ASCII is named with SMTPUTF8, by a mail and by a check', async () => {
    const sending = new MailTransport({ smtpUrl: smtp.url, from: 'jürgen@example.org' });
    const before = smtp.mailFrom.length;
    await sending.ask();
    await sending.send({ id: randomUUID(), to: 'ann@example.org', subject: 'Hello', html: '', text: 'Hello' });
    sending.close();
    expect(smtp.mailFrom.slice(before)).toEqual([
      expect.stringMatching(/^<jürgen@example\.org>.* SMTPUTF8/),
      expect.stringMatching(/^<jürgen@example\.org>.* SMTPUTF8/),
    ]);
  });

  it.each([
    ['Rolecall <no-reply@example.org>', 'Rolecall', 'no-reply@example.org'],
    ['"Rolecall, Inc" <No-Reply@Example.org>', 'Rolecall, Inc', 'no-reply@example.org'],
    ['Jürgen <jürgen@köln.example>', 'Jürgen', 'jürgen@xn--kln-sna.example'],
    ['no-reply@example.org', '', 'no-reply@example.org'],
  ])('%s has a name and an address', (text, name, address) => {
    expect(readSender(text)).toEqual({ name, address });
  });

  it.each([
    'Rolecall',
    'Rolecall <no-reply>',
    'a@example.org, b@example.org',
    'a@example.org <b@example.org>',
    'x\r\nBcc: y <a@example.org>',
    'Team: a@example.org;',
    'Team: <a@example.org>;',
    'Team:a@example.org',
    'Team: a@example.org <a@example.org>',
    'Ops" <a@example.org>',
    '"Ops <a@example.org>',
    '"A" B" <a@example.org>',
    'Te\u0007am <a@example.org>',
    'Team\u202e <a@example.org>',
  ])('is not %j', (text) => {
    expect(readSender(text)).toBeNull();
  });

  it.each([
    ['Team: Ops <a@example.org>', 'Team: Ops'],
    ['Team; <a@example.org>', 'Team;'],
    ['Ops, Team <a@example.org>', 'Ops, Team'],
    ['A (note) [x] <a@example.org>', 'A (note) [x]'],
    ['Back\\slash <a@example.org>', 'Back\\slash'],
    ['"A \\"B\\" \\\\ C: x;" <a@example.org>', 'A "B" \\ C: x;'],
    ['Jürgen: Köln, Süd <a@example.org>', 'Jürgen: Köln, Süd'],
  ])('%s is one mailbox in the header', async (from, name) => {
    const sending = new MailTransport({ smtpUrl: smtp.url, from });
    const to = `${randomUUID()}@example.org`;
    await sending.send({ id: randomUUID(), to, subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' });
    sending.close();
    expect((await smtp.mailTo(to)).from).toEqual({ name, address: 'a@example.org' });
  });
});
