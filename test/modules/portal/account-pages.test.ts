import { describeOnOneEngine } from '../../support/engines.js';
import { createOrganisation, freshEmail, idle, join } from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { Visitor } from './portal-support.js';

describeOnOneEngine('the pages of an account', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => server.close());

  it('show a refused password beside its field, and change a good one', async () => {
    const { email } = await join(server, await createOrganisation(server), 'contributor');
    const visitor = new Visitor(server.url);
    await visitor.submit('/sign-in', { email, password: PASSWORD });
    const change = async (currentPassword: string, password: string) =>
      visitor.submit('/account/password', { currentPassword, password });
    const short = await change(PASSWORD, 'short');
    expect([short.status, short.text]).toEqual([400, expect.stringContaining('id="password-error"')]);
    const wrong = await change('not this one', 'another fine password');
    expect([wrong.status, wrong.text]).toEqual([403, expect.stringContaining('id="currentPassword-error"')]);
    expect((await change(PASSWORD, 'another fine password')).status).toBe(303);
  });

  it('show a refused password behind a mailed link, and ask alike for every address', async () => {
    const { email } = await join(server, await createOrganisation(server), 'contributor');
    const visitor = new Visitor(server.url);
    const asked = [email, freshEmail('unknown')].map(async (one) => visitor.submit('/password-reset', { email: one }));
    const [known, unknown] = await Promise.all(asked);
    expect([known!.status, known!.text]).toEqual([200, unknown!.text]);
    await idle(server);
    const [path] = /\/password-reset\/[A-Za-z0-9_-]{51}/.exec(server.smtp.to(email).at(-1)!.text)!;
    const short = await visitor.submit(path, { password: 'short' });
    expect([short.status, short.text]).toEqual([400, expect.stringContaining('id="password-error"')]);
    expect((await visitor.submit(path, { password: 'another fine password' })).status).toBe(200);
    expect((await visitor.get(path)).status).toBe(410);
  });
});
