import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  join,
  observe,
  type Place,
} from '../../support/scenarios.js';
import { headingOf, signedInVisitor, type Visitor } from './portal-support.js';

describeOnOneEngine('the pages about observers', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let cohort: Place;
  let owner: Visitor;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    cohort = await createDeployment(server, organisation, 'Cardiac Rehabilitation');
    owner = await signedInVisitor(server, await join(server, organisation, 'organisation-owner'));
  });
  afterAll(async () => server.close());

  const listOf = ({ path }: Place = cohort): string => `${path.replace('/v1/', '/portal/')}/observers`;
  const statesOf = async (email: string): Promise<string[]> => {
    const { body } = await server.admin.get(`${cohort.path}/observer-invitations?limit=100`).expect(200);
    const items = body.items as { email: string; state: string }[];
    return items.filter((item) => item.email === email).map(({ state }) => state);
  };

  it('invite several, who then see the deployment and nobody in it', async () => {
    const [one, two] = [freshEmail('sponsor'), freshEmail('monitor')];
    const fields = { emails: `${one}, ${two}`, expiresIn: '72h', role: 'organisation-owner' };
    const reviewed = await owner.submit(`${listOf()}/invite/review`, fields);
    expect([headingOf(reviewed.text), await statesOf(one)]).toEqual(['Invite observers', []]);
    const sent = await owner.submit(`${listOf()}/invite`, fields);
    expect(sent.text).toContain('2 invitations are on their way.');
    expect([await statesOf(one), await statesOf(two)]).toEqual([['pending'], ['pending']]);
    const [, batch = ''] = /href="([^"]*\/observers\/batches\/[^"]*)"/.exec(sent.text) ?? [];
    expect(headingOf((await owner.get(batch)).text)).toBe('2 addresses');
    expect((await owner.get(`${listOf()}/batches`)).text).toContain(batch);
    // The same batch is no batch of the team.
    expect((await owner.get(batch.replace('/observers/', '/staff/'))).status).toBe(404);
    const pending = await owner.get(`${listOf()}?type=pending`);
    expect([pending.text.includes(one), pending.text.includes(two)]).toEqual([true, true]);
    expect((await owner.submit(`${batch}/undo`, { reason: 'a trial' })).headers['location']).toBe(
      `${batch}?done=undone`,
    );
    expect([await statesOf(one), await statesOf(two)]).toEqual([['revoked'], ['revoked']]);
  });

  it('send an invitation again, change how long it is valid, and delete it', async () => {
    const email = freshEmail('sponsor');
    await owner.submit(`${listOf()}/invite`, { emails: email, expiresIn: '24h' });
    const { body } = await server.admin.get(`${cohort.path}/observer-invitations?q=${email}`).expect(200);
    const { id, expiresAt } = body.items[0] as { id: string; expiresAt: string };
    const form = `${listOf()}/invitations/${id}`;
    const led = async (what: string, fields = {}) =>
      (await owner.submit(`${form}/${what}`, fields)).headers['location'];
    expect(await led('resend')).toBe(`${listOf()}?type=pending&done=resent`);
    await server.smtp.mailTo(email, 2);
    expect(await led('change', { expiresIn: '7d' })).toBe(`${listOf()}?type=pending&done=altered`);
    const changed = await server.admin.get(`/v1/observer-invitations/${id}`).expect(200);
    expect(Date.parse(changed.body.expiresAt)).toBeGreaterThan(Date.parse(expiresAt) + 4 * 86_400_000);
    expect(await led('delete')).toBe(`${listOf()}?type=pending&done=deleted`);
    expect(await statesOf(email)).toEqual(['revoked']);
  });

  it('remove an observer, with a reason', async () => {
    const observer = await observe(server, cohort);
    const { text } = await owner.get(listOf());
    expect([text.includes(observer.email), text.includes('aria-current="page">Observers')]).toEqual([true, true]);
    const form = `${listOf()}/${observer.membershipId}/end`;
    const tooLong = await owner.submit(form, { reason: 'r'.repeat(1_001) });
    expect(tooLong.headers['location']).toBe(`${listOf()}?failed=invalid-input`);
    await observer.api.get(cohort.path).expect(200);
    expect((await owner.submit(form, { reason: 'the audit is over' })).headers['location']).toBe(
      `${listOf()}?done=observer-removed`,
    );
    // It was their only place.
    await observer.api.get(cohort.path).expect(401);
    expect((await owner.get(listOf())).text).not.toContain(observer.email);
  });

  it('refuse those of another deployment, and visitors whom the API refuses', async () => {
    const other = await createDeployment(server, organisation, 'Diabetes');
    const observer = await observe(server, other);
    expect((await owner.submit(`${listOf()}/${observer.membershipId}/end`)).status).toBe(404);
    await observer.api.get(other.path).expect(200);
    const contributor = await signedInVisitor(server, await join(server, cohort, 'contributor'));
    const guest = await signedInVisitor(server, await observe(server, cohort));
    const email = freshEmail('sponsor');
    for (const visitor of [contributor, guest]) {
      expect((await visitor.get(listOf())).status).toBe(403);
      expect((await visitor.submit(`${listOf()}/invite`, { emails: email, expiresIn: '7d' })).status).toBe(403);
      expect((await visitor.submit(`${listOf(other)}/${observer.membershipId}/end`)).status).toBeGreaterThan(400);
    }
    expect(await statesOf(email)).toEqual([]);
    expect((await owner.get(listOf(organisation))).status).toBe(404);
  });
});
