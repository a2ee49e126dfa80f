import { TUNING } from '../../src/shared/batching/tuning.js';
import { randomUUID } from 'node:crypto';
import { Random } from '../shared/event-sourcing/event-store-support.js';
import { describeOnEngines } from '../support/engines.js';
import { Installation } from '../support/installation.js';
import type { ProductProcess } from '../support/product-process.js';
import { TestSmtp } from '../support/smtp.js';
import { ADMIN } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { call, InvitationRound, signIn, type CallAnswer } from './invitation-round.js';

/** How many calls are killed, each when a part of it is stored. */
const MOMENTS = Number(process.env.KILL_REPEAT_MOMENTS ?? '1');
const ADDRESSES = Number(process.env.KILL_REPEAT_ADDRESSES ?? '1000');
const AT_ONCE = 20;
const PATIENCE_MS = 600_000;

interface Figures {
  /** The address that had to be invited before the kill, and the number of addresses stored at the kill. */
  awaited: number;
  stored: number;
  answered: boolean;
  repeatedMs: number;
}

describeOnEngines('kill -9 during a call with an Idempotency-Key, and the same call again', (engine) => {
  const random = new Random(`kill-and-repeat ${engine.name}`);
  const figures: Figures[] = [];
  let installation: Installation;
  let smtp: TestSmtp;
  let product: ProductProcess;
  let token: string;

  const start = async (): Promise<void> => {
    // The product has no SMTP, because kill-during-invitation tests that each person gets one mail.
    product = await installation.start();
  };
  const open = async (): Promise<InvitationRound> => InvitationRound.open(product.url, token, smtp, ADDRESSES);
  const send = async (round: InvitationRound, key: string): Promise<CallAnswer> =>
    call(
      product.url,
      token,
      'POST',
      round.path,
      { emails: round.emails, role: 'contributor' },
      { 'idempotency-key': key },
    );

  beforeAll(async () => {
    [installation, smtp] = await Promise.all([Installation.make(engine), TestSmtp.start()]);
    await start();
    token = await signIn(product.url, ADMIN);
  }, PATIENCE_MS);
  afterAll(async () => {
    await product.kill();
    await Promise.all([smtp.close(), installation.remove()]);
    const lines = figures.map((row) =>
      Object.entries(row)
        .map(([name, value]) => `${name} ${String(typeof value === 'number' ? Math.round(value) : value)}`)
        .join(', '),
    );
    process.stdout.write(`kill -9 and repeat on ${engine.name}\n${lines.join('\n')}\n`);
  });

  it.each(Array.from({ length: MOMENTS }, (_, moment) => moment))(
    'give one invitation per address and one answer: moment %i',
    async (moment) => {
      const [round, key] = [await open(), randomUUID()];
      const awaited =
        1 + Math.floor(((moment + random.int(1000) / 1000) / MOMENTS) * (ADDRESSES - TUNING.decisionsPerChunk.value));
      const answering = send(round, key).catch(() => null);
      await waitFor('something stored', async () => round.isInvited(product.url, awaited), PATIENCE_MS);
      await product.kill();
      const answered = await answering;
      await start();
      const stored = await round.pending(product.url);

      const startedAt = performance.now();
      const [repeated, ...others] = await Promise.all(Array.from({ length: AT_ONCE }, async () => send(round, key)));
      const repeatedMs = performance.now() - startedAt;
      figures.push({ awaited, stored: stored.size, answered: answered !== null, repeatedMs });
      for (const other of [...others, ...(answered ? [answered] : [])])
        expect(other.text === repeated!.text && other.position === repeated!.position).toBe(true);
      const { results, summary } = repeated!.body as {
        results: { email: string; outcome: string; invitationId: string }[];
        summary: Record<string, number>;
      };
      expect(summary).toMatchObject({ invited: ADDRESSES, 'already-pending': 0 });
      const ids = new Map(results.map(({ email, invitationId }) => [email, invitationId]));
      for (const [email, id] of stored) expect(ids.get(email)).toBe(id);
      expect(await round.pending(product.url)).toEqual(ids);

      await product.kill();
      await start();
      const kept = await send(round, key);
      expect(kept.text === repeated!.text && kept.position === repeated!.position).toBe(true);
    },
    PATIENCE_MS,
  );
});
