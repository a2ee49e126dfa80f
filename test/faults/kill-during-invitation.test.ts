import { Random } from '../shared/event-sourcing/event-store-support.js';
import { describeOnEngines } from '../support/engines.js';
import { Installation } from '../support/installation.js';
import type { ProductProcess } from '../support/product-process.js';
import { TestSmtp } from '../support/smtp.js';
import { ADMIN } from '../support/test-server.js';
import { InvitationRound, signIn } from './invitation-round.js';

/** The full proof has 50 moments, with KILL_ADDRESSES=2000. */
const MOMENTS = Number(process.env.KILL_MOMENTS ?? '2');
/** The most mails under way at once, in the dispatcher and in the transport's connections. */
const IN_FLIGHT = 5;

/** The limit for one moment, on a busy machine. */
const PATIENCE_MS = 600_000;

interface Figures {
  killedAfterMs: number;
  answered: boolean;
  /** How many of this round's addresses were stored, and how many were mailed, when the process died. */
  stored: number;
  mailed: number;
  readyAfterMs: number;
  repeats: number;
  lost: number;
  tookMs: number;
}

describeOnEngines('kill -9 during an invitation of many addresses', (engine) => {
  const random = new Random(`kill-during-invitation ${engine.name}`);
  const figures: Figures[] = [];
  let installation: Installation;
  let smtp: TestSmtp;
  let product: ProductProcess;
  let token: string;
  let span: { answer: number; mails: number };

  const start = async (): Promise<void> => {
    product = await installation.start({ SMTP_URL: smtp.url });
  };

  beforeAll(async () => {
    [installation, smtp] = await Promise.all([Installation.make(engine), TestSmtp.start()]);
    await start();
    token = await signIn(product.url, ADMIN);
    span = await measure();
  }, PATIENCE_MS);
  afterAll(async () => {
    await product.kill();
    await Promise.all([smtp.close(), installation.remove()]);
    report();
  });

  /** Measures a round without a kill: how long the call takes, and then its mails. */
  async function measure(): Promise<typeof span> {
    const round = await InvitationRound.open(product.url, token, smtp);
    const startedAt = performance.now();
    expect(await round.invite()).not.toBeNull();
    const answer = performance.now() - startedAt;
    await round.waitUntilMailed();
    return { answer, mails: performance.now() - startedAt - answer };
  }

  /**
   * Half of the moments come before the answer, and half after it while mails are sent. Each has its own part of the
   * span.
   */
  function delayOf(moment: number): number {
    const [from, length] = moment % 2 === 0 ? [0, span.answer] : [span.answer, span.mails];
    const parts = Math.ceil(MOMENTS / 2);
    return from + ((Math.floor(moment / 2) + random.int(1000) / 1000) / parts) * length;
  }

  it.each(Array.from({ length: MOMENTS }, (_, moment) => moment))(
    'loses nothing and mails each person once: moment %i',
    async (moment) => {
      const startedAt = performance.now();
      if (!product.isRunning) await start();
      const round = await InvitationRound.open(product.url, token, smtp);
      const killedAfterMs = delayOf(moment);
      const answering = round.invite();
      const answered = await waitUntilKilled(answering, killedAfterMs);
      const mailed = round.tally().addresses;
      await start();
      const stored = await round.pending(product.url);
      if (answered) expect(stored).toEqual(answered.ids);
      const repeated = (await round.invite(product.url))!;
      expect(repeated.invited).toEqual(round.emails.filter((email) => !stored.has(email)));
      for (const [email, id] of stored) expect(repeated.ids.get(email)).toBe(id);
      expect(await round.pending(product.url)).toEqual(repeated.ids);
      await round.waitUntilRecorded(product.url);
      const { addresses, repeats, doubled } = round.tally();
      figures.push({
        killedAfterMs,
        answered: answered !== null,
        stored: stored.size,
        mailed,
        readyAfterMs: product.readyAfterMs,
        repeats,
        lost: round.emails.length - addresses,
        tookMs: performance.now() - startedAt,
      });
      expect(doubled).toEqual([]);
      expect(addresses).toBe(round.emails.length);
      expect(repeats).toBeLessThanOrEqual(IN_FLIGHT);
    },
    PATIENCE_MS,
  );

  async function waitUntilKilled<Answer>(answering: Promise<Answer>, afterMs: number): Promise<Answer> {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await product.kill();
    return answering;
  }

  function report(): void {
    const lines = figures.map((row) =>
      Object.entries(row)
        .map(([name, value]) => `${name} ${typeof value === 'number' ? String(Math.round(value)) : String(value)}`)
        .join(', '),
    );
    process.stdout.write(`kill -9 on ${engine.name}, ${JSON.stringify(span)}\n${lines.join('\n')}\n`);
  }
});
