import { describeOnEngines } from '../support/engines.js';
import { Installation } from '../support/installation.js';
import type { ProductProcess } from '../support/product-process.js';
import { freshEmail } from '../support/scenarios.js';
import { TestSmtp } from '../support/smtp.js';
import { ADMIN, Api, metricsAt } from '../support/test-server.js';
import { waitFor } from '../support/wait-for.js';

/** Each test starts processes, and one waits until nobody has led for ten seconds. */
const PATIENCE_MS = 240_000;

describeOnEngines('a web and a worker process', (engine) => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await Installation.make(engine);
  }, PATIENCE_MS);
  afterAll(async () => {
    await installation.remove();
  });

  if (engine.name === 'PGlite') {
    it(
      'are refused in embedded mode, with a sentence',
      async () => {
        await expect(installation.start({ PROCESS: 'web' })).rejects.toThrow(
          "Rolecall can't start: PROCESS goes with DATABASE_URL: one process runs an embedded installation",
        );
      },
      PATIENCE_MS,
    );
    return;
  }

  let smtp: TestSmtp;
  let web: ProductProcess;
  let admin: Api;
  /** The path of the organisation's invitations. */
  let invitations: string;
  const workers: ProductProcess[] = [];
  beforeAll(async () => {
    smtp = await TestSmtp.start();
    web = await installation.start({ SMTP_URL: smtp.url, PROCESS: 'web' });
    const { body } = await new Api(web.url, null).post('/v1/auth/sign-in/email', ADMIN).expect(200);
    admin = new Api(web.url, (body as { token: string }).token);
    const organisation = await admin.post('/v1/organisations', { name: 'Riverside Hospital' }).expect(201);
    invitations = `/v1/organisations/${(organisation.body as { id: string }).id}/staff-invitations`;
  }, PATIENCE_MS);
  afterAll(async () => {
    await Promise.all([web, ...workers].map(async (one) => one.kill()));
    await smtp.close();
  });

  async function startWorker(): Promise<ProductProcess> {
    const worker = await installation.start({ SMTP_URL: smtp.url, PROCESS: 'worker', PUBLIC_URL: web.url });
    workers.push(worker);
    return worker;
  }

  async function invite(email: string): Promise<string> {
    const { headers } = await admin.post(invitations, { role: 'contributor', emails: [email] }).expect(201);
    return headers['event-position']!;
  }

  async function listed(position: string): Promise<{ email: string; mail: { state: string } }[]> {
    const { body } = await admin.after(position, invitations).expect(200);
    return (body as { items: { email: string; mail: { state: string } }[] }).items;
  }

  /** There is one a minute at most, and there may be one from before the first worker. */
  const linesWithoutLeader = (): number => web.lines.filter((line) => line.includes('"work":"no-leader"')).length;

  const statusOf = async (url: string, path: string): Promise<number> => (await fetch(url + path)).status;

  it(
    'work together: the web takes the call and lists it, the worker mails it with a link to the web',
    async () => {
      const worker = await startWorker();
      const email = freshEmail();
      const position = await invite(email);
      expect(await listed(position)).toEqual([expect.objectContaining({ email })]);
      expect((await smtp.mailTo(email)).text).toContain(`${web.url}/invitations/`);
      await waitFor('the outcome in the list', async () => (await listed(position))[0]?.mail.state === 'sent');
      const leads = async ({ url }: ProductProcess) =>
        /^rolecall_instance_is_leader (\d)$/m.exec(await metricsAt(url))?.[1];
      expect([await leads(web), await leads(worker)]).toEqual(['0', '1']);
      await worker.stop();
    },
    PATIENCE_MS,
  );

  it(
    'show health and metrics alike, and the worker shows nothing else',
    async () => {
      const worker = await startWorker();
      for (const path of ['/health/live', '/health/ready', '/health'])
        expect([path, await statusOf(web.url, path), await statusOf(worker.url, path)]).toEqual([path, 200, 200]);
      expect(await metricsAt(worker.url)).toContain('rolecall_mail_server_up 1');
      for (const path of ['/', '/docs', '/openapi.json', '/v1/organisations', '/auth/nothing', '/health/nothing'])
        expect([path, await statusOf(worker.url, path)]).toEqual([path, 404]);
      await worker.stop();
    },
    PATIENCE_MS,
  );

  it(
    'need each other: without a worker the web answers, says that it lacks one, and mails wait until there is one',
    async () => {
      const [worker, refused, email] = [await startWorker(), freshEmail('refused'), freshEmail('waiting')];
      smtp.refuse(() => 451);
      const before = await invite(refused);
      await waitFor('the attempt in vain', async () => smtp.rcptTo.includes(refused));
      expect(await listed(before)).toContainEqual(
        expect.objectContaining({ email: refused, mail: expect.objectContaining({ state: 'pending' }) }),
      );
      const saidBefore = linesWithoutLeader();
      await worker.stop();
      smtp.refuse(() => null);

      const position = await invite(email);
      expect((await admin.after(position, invitations).expect(503)).body.code).toBe('read-model-behind');
      await waitFor(
        'the line that no process runs the background work',
        async () => Promise.resolve(linesWithoutLeader() > saidBefore),
        120_000,
      );
      expect(smtp.mails.filter(({ to }) => [refused, email].includes(to))).toEqual([]);
      expect(await statusOf(web.url, '/health/ready')).toBe(200);

      await startWorker();
      await Promise.all([refused, email].map(async (to) => smtp.mailTo(to, 1, 60_000)));
      expect((await listed(position)).map((one) => one.email)).toEqual(expect.arrayContaining([refused, email]));
    },
    PATIENCE_MS,
  );
});
