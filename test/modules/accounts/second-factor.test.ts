import { SecondFactor } from '../../../src/modules/accounts/second-factor.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { createOrganisation, join, type Member, type Place } from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { headingOf, Visitor } from '../portal/portal-support.js';

const MORE_THAN_THE_LIMIT = 12;

describeOnOneEngine('a person who needs a second factor', (engine) => {
  let server: TestServer;
  let place: Place;
  let member: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
    member = await join(server, place, 'contributor');
    const { personId } = (await member.api.get('/v1/me').expect(200)).body as { personId: string };
    server.running.app.get(SecondFactor).isNeeded = async (id) => Promise.resolve(id === personId);
  });
  afterAll(async () => {
    await server.close();
  });

  const attempt = (email: string, password: string) =>
    server.anonymous.post('/v1/auth/sign-in/email', { email, password });

  it('gets no session by the password alone, and no failure is counted', async () => {
    const before = (await server.events()).length;
    for (let n = 0; n < MORE_THAN_THE_LIMIT; n += 1) {
      const { body, headers } = await attempt(member.email, PASSWORD).expect(401);
      expect([body.code, body.token, headers['set-cookie']]).toEqual(['second-factor-needed', undefined, undefined]);
    }
    expect(await server.events()).toHaveLength(before);
    await member.api.get('/v1/me').expect(200);
  });

  it('is told so only after the right password', async () => {
    const { body } = await attempt(member.email, 'not the password at all').expect(401);
    expect(body.code).toBe('sign-in-failed');
  });

  it('is told so on the page too, and stays signed out', async () => {
    const visitor = new Visitor(server.url);
    const { status, text } = await visitor.submit('/sign-in', { email: member.email, password: PASSWORD });
    expect([status, headingOf(text)]).toEqual([401, 'One more step is needed']);
    expect(visitor.isSignedIn).toBe(false);
  });

  it('keeps nobody else from signing in', async () => {
    const other = await join(server, place, 'contributor');
    await attempt(other.email, PASSWORD).expect(200);
  });
});
