import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../../src/bootstrap/config.js';
import { MAIL_FAILURE_ADVICE } from '../../../src/modules/operations/mail-failure-advice.js';
import { SMTP_PARAMETERS } from '../../../src/shared/mail/smtp-url.js';
import { SECRETS } from '../../support/test-server.js';
import { cellsOf } from '../../support/tables.js';

const SETTINGS = { ...SECRETS, DATABASE_URL: 'postgres://rolecall@db.example/rolecall' };

describe('docs/mail.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/mail.md'), 'utf8');
  const examples = [...text.matchAll(/\bSMTP_URL=(\S+)/g)].map(([, url]) => url!);

  it.each(examples)('has an example that the start accepts unchanged: %s', (SMTP_URL) => {
    expect(loadConfig({ ...SETTINGS, SMTP_URL }).smtpUrl).toBe(SMTP_URL);
  });

  it('has examples of a mail server on the same machine, and of servers elsewhere on 587 and 465', () => {
    expect(examples.map((url) => new URL(url).host)).toEqual(
      expect.arrayContaining(['127.0.0.1:25', 'mail.example.org:587', 'mail.example.org:465']),
    );
  });

  it('names every parameter of SMTP_URL', () => {
    const named = [...text.matchAll(/^\| `\?([\w.]+)=/gm)].map(([, name]) => name);
    expect(named).toEqual(SMTP_PARAMETERS);
  });

  it('gives the advice for each reason in the order and words of the product', () => {
    const table = /\n\| reason[\s\S]*?\n\n/.exec(text)?.[0] ?? '';
    expect(cellsOf(table).map(([reason, advice]) => [reason!.replaceAll('`', ''), advice])).toEqual(
      Object.entries(MAIL_FAILURE_ADVICE),
    );
  });
});
