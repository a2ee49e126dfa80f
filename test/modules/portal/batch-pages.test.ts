import { EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { beforeOnce, restore } from '../../support/injected-failure.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  idle,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';
import { headingOf, signedInVisitor, Visitor } from './portal-support.js';

describeOnOneEngine('the pages about batches', (engine) => {
  let server: TestServer;
  let place: Place;
  let cohort: Place;
  let owner: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
    cohort = await createDeployment(server, place, 'Cardiac Rehabilitation');
    owner = await join(server, place, 'organisation-owner');
  });
  afterAll(async () => server.close());

  const staffPage = ({ path } = place) => `${path.replace('/v1/', '/portal/')}/staff`;
  const visitorOf = async (who: { email: string; password?: string }) => signedInVisitor(server, who);
  /** Invites these addresses by the form, and returns the page of the batch. */
  const sent = async (visitor: Visitor, emails: readonly string[], at = place) => {
    const { text } = await visitor.submit(`${staffPage(at)}/invite`, {
      emails: emails.join('\n'),
      role: 'contributor',
      expiresIn: '7d',
    });
    await idle(server);
    return /href="([^"]+\/batches\/[^"]+)"/.exec(text)?.[1] ?? 'no batch';
  };
  const fresh = (count: number) => Array.from({ length: count }, () => freshEmail());
  const figures = (html: string) =>
    Object.fromEntries(
      [...html.matchAll(/<dt>([^<]*)<\/dt><dd>([^<]*)<\/dd>/g)].map(([, name, value]) => [name, value]),
    );

  it('say how far a call came, what became of its addresses, and how many answered', async () => {
    const visitor = await visitorOf(owner);
    const [one, ...others] = fresh(3);
    const page = await sent(visitor, [one!, ...others, one!, 'nobody@']);
    const first = await visitor.get(page);
    expect([first.status, headingOf(first.text)]).toEqual([200, '5 addresses']);
    expect(figures(first.text)).toEqual({
      Accepted: '0',
      Pending: '3',
      Expired: '0',
      Declined: '0',
      Deleted: '0',
      'In this batch': '5',
      Invited: '3',
      'Named twice': '1',
      'No address': '1',
    });
    expect(first.text).toContain('<progress id="mailed" value="3" max="3">');
    expect(first.text).not.toContain('hx-trigger="every 2s"');
    const list = await visitor.get(`${staffPage()}/batches`);
    // Patients of a deployment are no part of its team.
    const emails = fresh(2);
    const { body } = await server.admin.post(`${cohort.path}/patient-invitations`, { emails }).expect(201);
    await readModelsCaughtUp(server);
    const below = await visitor.get(`${staffPage(cohort)}/batches`);
    expect([below.status, below.text.includes(body.batchId as string)]).toEqual([200, false]);
    expect((await visitor.get(`${staffPage(cohort)}/batches/${body.batchId as string}`)).status).toBe(404);
    expect([list.status, list.text.includes(page), list.text.includes('5 addresses')]).toEqual([200, true, true]);
  });

  it('ask again by themselves while mails wait, and name those that failed', async () => {
    const visitor = await visitorOf(owner);
    const [gone, later] = fresh(2);
    server.smtp.refuseRecipient((address) => (address === gone ? 550 : address === later ? 451 : null));
    const { text } = await visitor.submit(`${staffPage()}/invite`, {
      emails: `${gone!} ${later!}`,
      role: 'contributor',
      expiresIn: '7d',
    });
    const page = /href="([^"]+\/batches\/[^"]+)"/.exec(text)![1]!;
    const shown = await waitFor('the failed mail', async () => {
      const { text: html } = await visitor.get(page);
      return html.includes('1 mail could not be delivered.') && html;
    });
    expect(shown).toContain('hx-trigger="every 2s"');
    const [, file = ''] = /href="([^"]+\/failures)" download/.exec(shown)!;
    const { text: csv } = await visitor.get(file);
    expect([csv.includes(gone!), csv.includes(later!)]).toEqual([true, false]);
    server.smtp.refuseRecipient(() => null);
  });

  it('undo what is open with a reason, and keep what was accepted', async () => {
    const visitor = await visitorOf(owner);
    const [one, two] = fresh(2);
    const page = await sent(visitor, [one!, two!]);
    const { token } = await server.smtp.mailTo(one!);
    await server.anonymous.post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD }).expect(200);
    await idle(server);
    const { status, headers } = await visitor.submit(`${page}/undo`, { reason: 'Wrong list' });
    expect([status, headers['location']]).toEqual([303, `${page}?done=undone`]);
    const after = await visitor.get(`${page}?done=undone`);
    expect(figures(after.text)).toMatchObject({ Accepted: '1', Pending: '0', Deleted: '1' });
    expect(after.text).toContain('All open invitations of this batch are withdrawn.');
    expect(after.text).not.toContain('Undo this batch</h2>');
  });

  it('answer each caller as the API does', async () => {
    const page = await sent(await visitorOf(owner), fresh(2));
    const callers: Record<string, Member> = {
      editor: await join(server, place, 'organisation-editor'),
      auditor: await join(server, place, 'auditor'),
      'organisation staff': await join(server, place, 'organisation-staff'),
      'contributor below': await join(server, cohort, 'contributor'),
      'owner elsewhere': await join(server, await createOrganisation(server, 'Lakeside Clinic'), 'organisation-owner'),
    };
    const seen: Record<string, unknown[]> = {};
    for (const [who, caller] of Object.entries(callers)) {
      const visitor = await visitorOf(caller);
      const [list, shown, undone] = [
        await visitor.get(`${staffPage()}/batches`),
        await visitor.get(page),
        await visitor.submit(`${page}/undo`, {}),
      ];
      const isListed = list.text.includes(page);
      seen[who] = [list.status, isListed, shown.status, shown.text.includes('Undo this batch'), undone.status];
    }
    expect(seen).toEqual({
      editor: [200, true, 200, true, 303],
      auditor: [200, false, 404, false, 404],
      'organisation staff': [200, true, 200, false, 403],
      'contributor below': [200, false, 404, false, 404],
      'owner elsewhere': [404, false, 404, false, 404],
    });
    const visitor = await visitorOf(owner);
    // The batch of one place has no page in another one, though the owner sees both.
    expect((await visitor.get(page.replace(staffPage(), staffPage(cohort)))).status).toBe(404);
    expect((await visitor.get(`${staffPage()}/batches/nonsense`)).status).toBe(404);
    const { status, headers } = await new Visitor(server.url).get(page);
    expect([status, headers['location']]).toEqual([303, `/sign-in?next=${encodeURIComponent(page)}`]);
  });

  it('show a call under way to its issuer on the form, as far as it has come', async () => {
    const [visitor, other] = [
      await visitorOf(owner),
      await visitorOf(await join(server, place, 'organisation-editor')),
    ];
    const store = server.running.app.get(EventStore);
    const during: string[] = [];
    // Three chunks are on their way at once, so the fourth begins when one is stored.
    let chunks = 0;
    const isFourthChunk = (appends: unknown) =>
      JSON.stringify(appends).includes('"InvitationIssued"') && (chunks += 1) === 4;
    beforeOnce(
      store,
      'appendMany',
      async () => {
        await readModelsCaughtUp(server);
        for (const who of [visitor, other]) during.push((await who.get(`${staffPage()}/invite/sending`)).text);
      },
      isFourthChunk,
    );
    await sent(visitor, fresh(450));
    restore(store);
    const [own = '', others = ''] = during;
    expect(own).toMatch(/<progress id="stored" value="[1-4]\d\d" max="450">/);
    expect(others.trim()).toBe('');
    expect((await visitor.get(`${staffPage()}/invite/sending`)).text.trim()).toBe('');
    // It loads by itself, so it leads nobody away from the form.
    const signedOut = await new Visitor(server.url, { 'HX-Request': 'true' }).get(`${staffPage()}/invite/sending`);
    expect([signedOut.status, signedOut.headers['hx-redirect'], signedOut.text.trim()]).toEqual([200, undefined, '']);
  });
});
