import { sql } from 'kysely';
import { Random } from '../shared/event-sourcing/event-store-support.js';
import { describeOnEngines } from '../support/engines.js';
import { Installation } from '../support/installation.js';
import type { ProductProcess } from '../support/product-process.js';
import { TestSmtp } from '../support/smtp.js';
import { ADMIN, PASSWORD } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';
import { call, signIn } from './invitation-round.js';

const MOMENTS = Number(process.env.KILL_MOMENTS ?? '2');
const ADDRESSES = Number(process.env.UNDO_ADDRESSES ?? '1000');
/** How many people accept before the undo. */
const ACCEPTED = 5;
const PATIENCE_MS = 600_000;

interface Sent {
  batchId: string;
  organisation: string;
  /** In the order in which an undo withdraws them. */
  results: { email: string; invitationId: string }[];
}

describeOnEngines('kill -9 during the undo of a batch', (engine) => {
  const random = new Random(`kill-during-undo ${engine.name}`);
  const figures: string[] = [];
  let installation: Installation;
  let smtp: TestSmtp;
  let product: ProductProcess;
  let token: string;

  const start = async (): Promise<void> => {
    product = await installation.start({ SMTP_URL: smtp.url });
    token = await signIn(product.url, ADMIN);
  };
  beforeAll(async () => {
    [installation, smtp] = await Promise.all([Installation.make(engine), TestSmtp.start()]);
    await start();
  }, PATIENCE_MS);
  afterAll(async () => {
    await product.kill();
    await Promise.all([smtp.close(), installation.remove()]);
    process.stdout.write(`kill -9 during undos of ${String(ADDRESSES)} on ${engine.name}\n${figures.join('\n')}\n`);
  });

  async function send(moment: number): Promise<Sent> {
    const { body } = await call(product.url, token, 'POST', '/v1/organisations', { name: `Moment ${String(moment)}` });
    const organisation = (body as { id: string }).id;
    const emails = Array.from({ length: ADDRESSES }, (_, n) => `undone-${String(moment)}-${String(n)}@example.test`);
    const path = `/v1/organisations/${organisation}/staff-invitations`;
    const sent = (await call(product.url, token, 'POST', path, { emails, role: 'contributor' })).body as Sent;
    const results = sent.results.toSorted((a, b) => (a.invitationId < b.invitationId ? -1 : 1));
    return { ...sent, results, organisation };
  }

  /** The first invitees accept, by their mailed links. */
  async function accept({ results }: Sent): Promise<void> {
    for (const { email } of results.slice(0, ACCEPTED)) {
      const link = (await smtp.mailTo(email, 1, PATIENCE_MS)).token;
      await call(product.url, null, 'POST', `/v1/invitations/${link}/accept`, { name: 'Ann', password: PASSWORD });
    }
  }

  async function undo({ batchId }: Sent): Promise<Record<string, number>> {
    const path = `/v1/invitation-batches/${batchId}/undo`;
    const { body } = await call(product.url, token, 'POST', path, { reason: 'Wrong list' });
    return (body as { summary: Record<string, number> }).summary;
  }

  /** Whether the `nth` invitation is withdrawn. A dry run reads its stream, because the lists may be behind. */
  async function isWithdrawn({ organisation, results }: Sent, nth: number): Promise<boolean> {
    const path = `/v1/organisations/${organisation}/staff-invitations`;
    const question = { emails: [results[nth]!.email], role: 'contributor', dryRun: true };
    const { body } = await call(product.url, token, 'POST', path, question);
    return (body as { summary: Record<string, number> }).summary['invited'] === 1;
  }

  /** How many streams of the organisation have each number of events of each type that ends an invitation. */
  async function endsIn({ organisation }: Sent): Promise<Record<string, number>> {
    const database = await installation.openDatabase();
    try {
      const { rows } = await sql<{ ends: string; streams: number }>`
        select ends, count(*)::int as streams from (
          select stream, string_agg(type, ' ' order by revision) as ends from event
          where type in ('InvitationAccepted', 'InvitationRevoked') and metadata::jsonb ->> 'organisationId' = ${organisation}
          group by stream) ended
        group by ends`.execute(database.kysely());
      return Object.fromEntries(rows.map(({ ends, streams }) => [ends, streams]));
    } finally {
      await database.close();
    }
  }

  it.each(Array.from({ length: MOMENTS }, (_, moment) => moment))(
    'withdraws each open invitation once, and none that was accepted: moment %i',
    async (moment) => {
      if (!product.isRunning) await start();
      const sent = await send(moment);
      await accept(sent);
      const awaited = ACCEPTED + 1 + random.int(Math.floor((ADDRESSES - ACCEPTED) / 2));
      const answering = undo(sent).catch(() => null);
      await waitFor('something withdrawn', async () => isWithdrawn(sent, awaited), PATIENCE_MS);
      await product.kill();
      const answered = await answering;
      const atTheKill = await endsIn(sent);
      await start();
      const summaries = await Promise.all([undo(sent), undo(sent)]);
      for (const summary of summaries) {
        const { withdrawn = 0, revoked = 0, accepted = 0, ...others } = summary;
        expect([withdrawn + revoked, accepted]).toEqual([ADDRESSES - ACCEPTED, ACCEPTED]);
        expect(Object.values(others).every((count) => count === 0)).toBe(true);
      }
      await product.stop();
      const ends = { InvitationAccepted: ACCEPTED, InvitationRevoked: ADDRESSES - ACCEPTED };
      expect(await endsIn(sent)).toEqual(ends);
      await start();
      expect(await undo(sent)).toMatchObject({ withdrawn: 0, revoked: ADDRESSES - ACCEPTED, accepted: ACCEPTED });
      figures.push(
        `withdrawn at the kill ${String(atTheKill['InvitationRevoked'] ?? 0)}, answered ${String(answered !== null)}, then ${summaries.map((summary) => String(summary['withdrawn'] ?? 0)).join(' and ')}`,
      );
    },
    PATIENCE_MS,
  );
});
