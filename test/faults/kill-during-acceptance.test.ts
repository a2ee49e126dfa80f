import { Random } from '../shared/event-sourcing/event-store-support.js';
import { describeOnEngines } from '../support/engines.js';
import { Installation } from '../support/installation.js';
import type { ProductProcess } from '../support/product-process.js';
import { TestSmtp } from '../support/smtp.js';
import { ADMIN, Api } from '../support/test-server.js';

const MOMENTS = Number(process.env.KILL_MOMENTS ?? '2');
const AT_ONCE = 6;
const PATIENCE_MS = 300_000;
const FIRST = 'the password before the kill';
const SECOND = 'the password after the kill';

describeOnEngines('kill -9 while invitations are accepted', (engine) => {
  const random = new Random(`kill-during-acceptance ${engine.name}`);
  const figures: string[] = [];
  let installation: Installation;
  let smtp: TestSmtp;
  let product: ProductProcess;
  let admin: Api;
  let path: string;
  let spanMs: number;

  const anonymous = (): Api => new Api(product.url, null);
  const start = async (): Promise<void> => {
    product = await installation.start({ SMTP_URL: smtp.url });
    const { body } = await anonymous().post('/v1/auth/sign-in/email', ADMIN).expect(200);
    admin = new Api(product.url, (body as { token: string }).token);
  };

  beforeAll(async () => {
    [installation, smtp] = await Promise.all([Installation.make(engine), TestSmtp.start()]);
    await start();
    const { body } = await admin.post('/v1/organisations', { name: 'Riverside Hospital' }).expect(201);
    path = `/v1/organisations/${(body as { id: string }).id}`;
    const links = await invite('measure');
    const startedAt = performance.now();
    await Promise.all(links.map(async ({ token }) => accept(token, FIRST)));
    spanMs = performance.now() - startedAt;
  }, PATIENCE_MS);
  afterAll(async () => {
    await product.kill();
    await Promise.all([smtp.close(), installation.remove()]);
    process.stdout.write(`kill -9 during acceptances on ${engine.name}\n${figures.join('\n')}\n`);
  });

  async function invite(what: string): Promise<{ email: string; token: string }[]> {
    const emails = Array.from({ length: AT_ONCE }, (_, n) => `${what}-${String(n)}@example.test`);
    await admin.post(`${path}/staff-invitations`, { emails, role: 'organisation-owner' }).expect(201);
    return Promise.all(emails.map(async (email) => ({ email, token: (await smtp.mailTo(email, 1, 60_000)).token })));
  }

  const accept = (token: string, password: string) =>
    anonymous().post(`/v1/invitations/${token}/accept`, { name: 'Somebody', password });
  const canSignIn = async (email: string, password: string): Promise<boolean> =>
    (await anonymous().post('/v1/auth/sign-in/email', { email, password })).status === 200;

  it.each(Array.from({ length: MOMENTS }, (_, moment) => moment))(
    'leaves members who can sign in, and links that work: moment %i',
    async (moment) => {
      if (!product.isRunning) await start();
      const links = await invite(`moment-${String(moment)}`);
      const killedAfterMs = ((moment + random.int(1000) / 1000) / MOMENTS) * spanMs;
      const answers = links.map(async ({ token }) =>
        accept(token, FIRST).then(
          ({ status }) => status,
          () => 'no answer',
        ),
      );
      await new Promise((resolve) => setTimeout(resolve, killedAfterMs));
      await product.kill();
      const answered = await Promise.all(answers);
      await start();
      const members = await Promise.all(links.map(async ({ email }) => canSignIn(email, FIRST)));
      expect(members.filter((isMember, n) => answered[n] === 200 && !isMember)).toEqual([]);
      for (const [n, { email, token }] of links.entries()) {
        const link = await anonymous().get(`/v1/invitations/${token}`);
        if (members[n]) {
          expect([link.status, (link.body as { code?: string }).code]).toEqual([410, 'invitation-accepted']);
          continue;
        }
        expect([link.status, (link.body as { account?: string }).account]).toEqual([200, 'none']);
        await accept(token, SECOND).expect(200);
        expect([await canSignIn(email, FIRST), await canSignIn(email, SECOND)]).toEqual([false, true]);
      }
      const position = (await admin.patch(path, { name: `After moment ${String(moment)}` }).expect(200)).headers[
        'event-position'
      ]!;
      const { body } = await admin
        .after(position, `${path}/staff?q=moment-${String(moment)}-&role=organisation-owner`)
        .expect(200);
      expect((body as { items: object[] }).items).toHaveLength(AT_ONCE);
      figures.push(
        `after ${killedAfterMs.toFixed(0)} of ${spanMs.toFixed(0)} ms: answered ${answered.join(' ')}, members ${members.filter(Boolean).length}`,
      );
    },
    PATIENCE_MS,
  );
});
