import { describeOnEngines } from '../../support/engines.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  join,
  readModelsCaughtUp,
  type Place,
} from '../../support/scenarios.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';

interface Listed {
  id: string;
  email?: string;
  mail: { state: string; nextTryAt?: string };
}

describeOnEngines('a list of invitations whose mail failed', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let deployment: Place;
  beforeAll(async () => {
    server = await startTestServer(engine, { RESENDS_PER_MINUTE: '0' });
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
    // "later" is refused for now, "never" for good.
    server.smtp.refuse((to) => (to.startsWith('later') ? 451 : to.startsWith('never') ? 550 : null));
  });
  afterAll(async () => {
    await server.close();
  });

  const invited = async (place: Place, kind: 'staff' | 'patient', emails: string[]): Promise<string[]> => {
    const role = kind === 'staff' ? { role: 'contributor' } : {};
    const { body } = await server.admin.post(`${place.path}/${kind}-invitations`, { emails, ...role }).expect(201);
    return body.results.map(({ invitationId }: { invitationId: string }) => invitationId);
  };
  const failed = async (path: string, by: Api = server.admin): Promise<{ items: Listed[]; total: number }> =>
    (await by.get(`${path}?mail=failed&total=true`).expect(200)).body;
  const failedAre = async (path: string, count: number): Promise<Listed[]> => {
    await readModelsCaughtUp(server);
    await waitFor(`${String(count)} failed mails`, async () => (await failed(path)).total === count);
    return (await failed(path)).items;
  };

  it('has those that failed for good and those that will be tried again, and no others', async () => {
    const [never, later, good] = [freshEmail('never'), freshEmail('later'), freshEmail('good')];
    await invited(deployment, 'staff', [good, later, never]);
    const items = await failedAre(`${deployment.path}/staff-invitations`, 2);
    const byAddress = new Map(items.map((item) => [item.email, item.mail]));
    expect(byAddress.get(never)).toEqual({ state: 'failed', at: expect.any(String) });
    expect(byAddress.get(later)).toMatchObject({ state: 'pending', nextTryAt: expect.any(String) });
    expect(Date.parse(byAddress.get(later)!.nextTryAt!)).toBeGreaterThan(Date.now() - 60_000);
    const { body } = await server.admin.get(`${deployment.path}/staff-invitations?q=${good}`).expect(200);
    expect(body.items[0].mail).toEqual({ state: 'sent', at: expect.any(String) });
  });

  it('asks for the mail of the newest issue alone', async () => {
    const place = await createOrganisation(server);
    const [email, other] = [freshEmail('never'), freshEmail('never')];
    const [id] = await invited(place, 'staff', [email, other]);
    await failedAre(`${place.path}/staff-invitations`, 2);
    server.smtp.refuse((to) => (to === email ? null : 550));
    await server.admin.post(`/v1/staff-invitations/${id!}/resend`, {}).expect(200);
    expect((await failedAre(`${place.path}/staff-invitations`, 1)).map((item) => item.email)).toEqual([other]);
    server.smtp.refuse((to) => (to.startsWith('later') ? 451 : to.startsWith('never') ? 550 : null));
  });

  it('combines with other filters, with the deployments below, and with a reader who may not identify', async () => {
    const place = await createOrganisation(server);
    const below = await createDeployment(server, place);
    const [withdrawn] = await invited(place, 'staff', [freshEmail('never')]);
    await invited(below, 'staff', [freshEmail('never')]);
    await invited(below, 'patient', [freshEmail('never'), freshEmail('good')]);
    await failedAre(`${place.path}/staff-invitations`, 1);
    await failedAre(`${below.path}/patient-invitations`, 1);
    await server.admin.delete(`/v1/staff-invitations/${withdrawn!}`).expect(204);
    await readModelsCaughtUp(server);
    const counted = async (query: string): Promise<number> =>
      (await server.admin.get(`${place.path}/staff-invitations?mail=failed&total=true&${query}`).expect(200)).body
        .total;
    expect([
      await counted('within=all'),
      await counted('within=all&state=pending'),
      await counted('state=revoked'),
    ]).toEqual([2, 1, 1]);
    const reader = await join(server, below, 'deployment-staff');
    const { items } = await failed(`${below.path}/patient-invitations`, reader.api);
    expect(items.map(({ email, mail }) => [email, mail.state])).toEqual([[undefined, 'failed']]);
    await server.admin.get(`${place.path}/staff-invitations?mail=sent`).expect(400);
  });
});
