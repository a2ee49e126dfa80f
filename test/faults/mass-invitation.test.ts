import { setTimeout } from 'node:timers/promises';
import { deriveKey } from '../../src/bootstrap/secrets.js';
import { linkTokens } from '../support/link-tokens.js';
import { Random } from '../shared/event-sourcing/event-store-support.js';
import { describeOnEngines } from '../support/engines.js';
import { Installation } from '../support/installation.js';
import { MassSmtp, type Fate } from '../support/mass-smtp.js';
import type { ProductProcess } from '../support/product-process.js';
import { ADMIN, SECRETS } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { Crowd, CROWD_KINDS, crowdFile, mailsIn, sample, waitUntilNoMailIsPending, type CrowdKind } from './crowd.js';
import { signIn, type Listed } from './invitation-round.js';

/** The full proof needs MASS_ADDRESSES=10000 with MASS_AWAY_MS=20000. */
const ADDRESSES = Number(process.env.MASS_ADDRESSES ?? '300');
const AWAY_MS = Number(process.env.MASS_AWAY_MS ?? '300');
const LINKS_FOLLOWED = Math.min(200, ADDRESSES / 10);
const PATIENCE_MS = 900_000;

describeOnEngines('many people from a contact file', (engine) => {
  const random = new Random(`mass invitation ${engine.name}`);
  const links = linkTokens([deriveKey(SECRETS.LINK_SECRET, 'link')]);
  let installation: Installation;
  let smtp: MassSmtp;
  let product: ProductProcess;
  let token: string;

  beforeAll(async () => {
    [installation, smtp] = await Promise.all([Installation.make(engine), MassSmtp.start()]);
    product = await installation.start({ SMTP_URL: smtp.url });
    token = await signIn(product.url, ADMIN);
  }, PATIENCE_MS);
  beforeEach(() => {
    smtp.forget();
  });
  afterAll(async () => {
    await product.kill();
    smtp.close();
    await installation.remove();
  });

  it.each(CROWD_KINDS)(
    'all get one mail with a link of their own that works: %s',
    async (kind) => {
      const watch = new Watch();
      const { emails, listed } = await inviteFromFile(watch, kind);
      await smtp.waitUntilMailed(new Set(emails), PATIENCE_MS);
      watch.lap('mails');
      await waitUntilNothingIsPending();
      expect(smtp.mails).toHaveLength(emails.length);
      expect(new Set(smtp.mails.map(({ messageId }) => messageId)).size).toBe(emails.length);
      watch.lap('outcomes recorded');
      await expectOwnLinks(emails, listed);
      watch.lap('links');
      report(`${kind}, no trouble`, watch);
    },
    PATIENCE_MS,
  );

  it(
    'all get their mail in the end when the mail server fails and goes away',
    async () => {
      const watch = new Watch();
      smtp.decideFates(() => trouble(random.int(100)));
      const away = goAwayOnce();
      const { emails, listed } = await inviteFromFile(watch);
      await smtp.waitUntilMailed(new Set(emails), PATIENCE_MS);
      watch.lap('mails');
      await waitUntilNothingIsPending();
      watch.lap('outcomes recorded');
      await expectOwnLinks(emails, listed);
      const repeats = smtp.mails.length - emails.length;
      const ids = new Map(smtp.mails.map(({ to, messageId }) => [to, messageId]));
      expect(smtp.mails.filter(({ to, messageId }) => ids.get(to) !== messageId)).toEqual([]);
      expect(new Set(ids.values()).size).toBe(emails.length);
      // The server took some mails without an answer. Each connection that was cut when it went away adds one at most.
      const cut = await away;
      expect(repeats).toBeGreaterThanOrEqual(smtp.fates.unanswered);
      expect(repeats).toBeLessThanOrEqual(smtp.fates.unanswered + cut);
      report(`trouble: ${JSON.stringify({ ...smtp.fates, awayMs: AWAY_MS, cut, repeats })}`, watch);
    },
    PATIENCE_MS,
  );

  /** Previews a file, invites its addresses, and reads the list. */
  async function inviteFromFile(
    watch: Watch,
    kind: CrowdKind = 'staff',
  ): Promise<{ emails: string[]; listed: Listed[] }> {
    const crowd = await Crowd.open(product.url, token, kind);
    const file = crowdFile(ADDRESSES, random);
    watch.lap('file');
    const preview = await crowd.preview(file);
    watch.lap('preview');
    const emails = preview.recipients.filter(({ outcome }) => outcome === 'invited').map(({ email }) => email);
    expect(emails).toEqual(file.emails);
    expect(preview.recipients.length - emails.length).toBe(file.duplicates);
    expect(preview.problems.map(({ line }) => line)).toEqual(file.badLines);
    const { body, position } = await crowd.invite(emails);
    watch.lap('call');
    expect((body as { summary: object }).summary).toMatchObject({ invited: emails.length });
    await crowd.waitUntilListed(position);
    watch.lap('list');
    const listed = await crowd.pending(position);
    expect(listed.map(({ email }) => email).sort()).toEqual([...emails].sort());
    expect(new Set(listed.map(({ id }) => id)).size).toBe(emails.length);
    watch.lap('paging');
    return { emails, listed };
  }

  /**
   * Checks that each address has one link, signed for the invitation that the list shows. Follows some of the links.
   */
  async function expectOwnLinks(emails: readonly string[], listed: readonly Listed[]): Promise<void> {
    const tokens = await smtp.tokens();
    const ids = new Map(listed.map(({ email, id }) => [email, id]));
    expect(new Set([...tokens.values()].flatMap((some) => [...some])).size).toBe(emails.length);
    const foreign = emails.filter(
      (email) => ![...(tokens.get(email) ?? [])].every((link) => links.verify(link, ids.get(email)!)),
    );
    expect(foreign).toEqual([]);
    const crowd = await Crowd.open(product.url, token);
    for (const email of sample(emails, LINKS_FOLLOWED, random))
      expect(await crowd.invitee([...tokens.get(email)!][0]!)).toBe(email);
  }

  /**
   * The server goes away when a quarter of the addresses have a mail, and returns later. @returns the number of
   * connections cut
   */
  async function goAwayOnce(): Promise<number> {
    await waitFor('the first mails', async () => Promise.resolve(smtp.mails.length >= ADDRESSES / 4), PATIENCE_MS);
    const cut = smtp.goAway();
    await setTimeout(AWAY_MS);
    await smtp.comeBack();
    return cut;
  }

  async function waitUntilNothingIsPending(): Promise<void> {
    await waitUntilNoMailIsPending(product.url, PATIENCE_MS);
    expect(await mailsIn(product.url, 'failed')).toBe(0);
  }

  function report(what: string, watch: Watch): void {
    process.stdout.write(`${String(ADDRESSES)} addresses on ${engine.name}, ${what}\n  seconds: ${watch.text()}\n`);
  }
});

/** One mail in ten fails. Two of those ten fail after the server took the mail. */
function trouble(drawn: number): Fate {
  if (drawn < 6) return 'refused';
  if (drawn < 8) return 'dropped';
  return drawn < 10 ? 'unanswered' : 'taken';
}

/** Measures how long each part takes. */
class Watch {
  private readonly laps: string[] = [];
  private since = performance.now();

  lap(name: string): void {
    const now = performance.now();
    this.laps.push(`${name} ${((now - this.since) / 1000).toFixed(1)}`);
    this.since = now;
  }

  text(): string {
    return this.laps.join(', ');
  }
}
