import { randomUUID } from 'node:crypto';
import { PatientLinkUses } from '../../../src/modules/patients/invite-links/patient-link-uses.js';
import { EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import { runInContext } from '../../../src/shared/request-context/request-context.js';
import { membershipStream } from '../../../src/modules/invitations/domain/membership-stream.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { TestClock } from '../../support/test-clock.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';
import {
  createDeployment,
  createOrganisation,
  enrol,
  freshEmail,
  invitePatient,
  join,
  makePatientLink,
  readModelsCaughtUp,
  idle,
  type Member,
  type Place,
} from '../../support/scenarios.js';

const CONTENDERS = Number(process.env.LINK_CONTENDERS ?? 12);
const PLACES = Math.ceil(CONTENDERS / 4);

describeOnOneEngine('patient links', (engine) => {
  let server: TestServer;
  let clock: TestClock;
  let organisation: Place;
  let deployment: Place;
  let manager: Member;

  beforeAll(async () => {
    clock = new TestClock();
    server = await startTestServer(engine, {}, { clock });
    organisation = await createOrganisation(server);
    deployment = await createDeployment(server, organisation);
    manager = await join(server, deployment, 'deployment-staff');
  });
  afterAll(async () => {
    await server.close();
  });

  const asking = (token: string, email: string) => server.anonymous.post(`/v1/links/${token}/requests`, { email });
  const opening = (token: string) => server.anonymous.get(`/v1/links/${token}`);
  const accepting = (token: string, name = 'Name of patient') =>
    server.anonymous.post(`/v1/invitations/${token}/accept`, { name, password: PASSWORD });
  async function refused(
    call: { expect(status: number): PromiseLike<{ body: { code: string } }> },
    status: number,
    code: string,
  ): Promise<void> {
    expect((await call.expect(status)).body.code).toBe(code);
  }
  async function shown(id: string, by: Api = manager.api, place = deployment) {
    await readModelsCaughtUp(server);
    return (await by.get(`${place.path}/patient-links`).expect(200)).body.items.find(
      (item: { id: string }) => item.id === id,
    );
  }
  /** Asks through the link, and resolves with the token of the mail. */
  async function asked(token: string, email = freshEmail('asking')): Promise<{ email: string; token: string }> {
    const before = server.smtp.to(email).length;
    await asking(token, email).expect(202);
    return { email, token: (await server.smtp.mailTo(email, before + 1)).token };
  }

  it('are created, listed without their address, shown with a QR code to authorised callers, and revoked', async () => {
    const { body } = await manager.api
      .post(`${deployment.path}/patient-links`, { name: 'Poster', expiresIn: '48h', maxUses: 3 })
      .expect(201);
    expect(body).toEqual({
      id: expect.any(String),
      name: 'Poster',
      state: 'open',
      expiresAt: expect.any(String),
      maxUses: 3,
      uses: 0,
      createdAt: expect.any(String),
      createdBy: { personId: expect.any(String), name: 'Name of deployment-staff' },
      url: expect.stringContaining(`${server.url}/join/`),
    });
    const { url, ...listed } = body;
    expect(await shown(body.id)).toEqual(listed);
    const { body: again } = await manager.api.get(`/v1/patient-links/${body.id}/url`).expect(200);
    expect(again).toEqual({ url, qrCode: expect.stringMatching(/^<svg[^]*<\/svg>$/) });
    const contributor = await join(server, deployment, 'contributor');
    await refused(contributor.api.get(`${deployment.path}/patient-links`), 403, 'forbidden');
    await refused(contributor.api.get(`/v1/patient-links/${body.id}/url`), 404, 'not-found');
    await refused(contributor.api.delete(`/v1/patient-links/${body.id}`), 404, 'not-found');
    await manager.api.delete(`/v1/patient-links/${body.id}`).expect(204);
    await manager.api.delete(`/v1/patient-links/${body.id}`).expect(204);
    expect((await shown(body.id)).state).toBe('revoked');
  });

  it('enrol a person who asks, by an ordinary invitation that ends after a day', async () => {
    const link = await makePatientLink(server.admin, deployment);
    expect((await opening(link.token).expect(200)).body).toEqual({
      kind: 'patientLink',
      scope: { kind: 'deployment', id: deployment.id, name: 'Cohort A' },
      organisation: { id: organisation.id, name: 'Riverside Hospital' },
      expiresAt: expect.any(String),
    });
    const { email, token } = await asked(link.token);
    const offer = (await server.anonymous.get(`/v1/invitations/${token}`).expect(200)).body;
    expect([
      offer.email,
      offer.kind,
      offer.invitedBy.name,
      Date.parse(offer.expiresAt) - clock.now().getTime() <= 86_400_000,
    ]).toEqual([email, 'patient', null, true]);
    await accepting(token).expect(200);
    expect((await shown(link.id, server.admin)).uses).toBe(1);
    await server.signIn(email);
  });

  it('give unknown, pending, enrolled people and staff the same answer', async () => {
    const link = await makePatientLink(server.admin, deployment);
    const [patient, pending] = [await enrol(server, deployment), freshEmail('pending')];
    await invitePatient(server, server.admin, deployment, pending);
    const before = [patient.email, pending].map((email) => server.smtp.to(email).length);
    const answers = [];
    for (const email of [freshEmail(), pending, patient.email, manager.email])
      answers.push(await asking(link.token, email).expect(202));
    const said = answers.map(({ body, headers }) => ({
      body,
      position: headers['event-position'],
      type: headers['content-type'],
      length: headers['content-length'],
    }));
    expect(said).toEqual(Array(4).fill({ ...said[0], position: undefined }));
    await idle(server);
    expect(server.smtp.to(manager.email)).toHaveLength(2);
    // The pending person keeps a valid link and gets no second mail, and the enrolled person gets no mail.
    expect([patient.email, pending].map((email) => server.smtp.to(email).length)).toEqual(before);
  });

  it('refuse invalid addresses, and more than 5 requests an hour for one address', async () => {
    const link = await makePatientLink(server.admin, deployment);
    for (const email of ['nobody', '', 'a@b@c']) await refused(asking(link.token, email), 400, 'invalid-input');
    const email = freshEmail();
    for (let n = 0; n < 5; n++) await asking(link.token, n % 2 ? email.toUpperCase() : email).expect(202);
    const { headers } = await asking(link.token, email).expect(429);
    expect(Number(headers['retry-after'])).toBeGreaterThan(3000);
    await asking(link.token, freshEmail()).expect(202);
  });

  it('count requests for one address in each organisation separately', async () => {
    const [elsewhere, email] = [await createOrganisation(server, 'Elsewhere'), freshEmail()];
    const places = [
      await createDeployment(server, organisation, 'Second'),
      deployment,
      await createDeployment(server, elsewhere),
    ];
    const [first, second, other] = await Promise.all(
      places.map(async (place) => (await makePatientLink(server.admin, place)).token),
    );
    for (let n = 0; n < 5; n++) await asking(first!, email).expect(202);
    for (const token of [first!, second!]) await refused(asking(token, email), 429, 'too-many-requests');
    for (let n = 0; n < 5; n++) await asking(other!, email).expect(202);
    await refused(asking(other!, email), 429, 'too-many-requests');
  });

  it('say how they ended, and are not changed by reading', async () => {
    const [open, revoked, over] = [
      await makePatientLink(server.admin, deployment),
      await makePatientLink(server.admin, deployment),
      await makePatientLink(server.admin, deployment, { expiresIn: '24h' }),
    ];
    const full = await makePatientLink(server.admin, deployment, { maxUses: 1 });
    await accepting((await asked(full.token)).token).expect(200);
    await server.admin.delete(`/v1/patient-links/${revoked.id}`).expect(204);
    clock.advance(86_400_000);
    const head = async () => server.running.app.get(EventStore).head(['patient', 'patientLink']);
    const before = await head();
    for (const [{ token }, code] of [
      [revoked, 'link-revoked'],
      [over, 'link-expired'],
      [full, 'link-used-up'],
    ] as const) {
      await refused(opening(token), 410, code);
      await refused(asking(token, freshEmail()), 410, code);
    }
    await opening(open.token).expect(200);
    const forged = `${open.token.slice(0, -2)}${open.token.endsWith('AA') ? 'BA' : 'AA'}`;
    const { token: invitation } = await invitePatient(
      server,
      server.admin,
      await createDeployment(server, organisation),
      freshEmail(),
    );
    for (const token of [forged, 'garbage', invitation]) await refused(opening(token), 404, 'link-not-found');
    await refused(server.anonymous.get(`/v1/invitations/${open.token}`), 404, 'invitation-not-found');
    expect(await server.running.app.get(EventStore).read(`patientLink-${open.id}`)).toHaveLength(1);
    expect(before).not.toBeNull();
  });

  it('are stopped while their creator may not invite, and open again when they may', async () => {
    const owner = await join(server, organisation, 'organisation-owner');
    for (const [place, to] of [
      [deployment, 'contributor'],
      [organisation, 'organisation-staff'],
    ] as const) {
      const maker = await join(server, place, 'admin');
      const link = await makePatientLink(maker.api, deployment);
      const before = await asked(link.token);
      await server.admin.patch(`/v1/staff/${maker.membershipId}`, { role: to }).expect(200);
      // The refusal is immediate, because it does not depend on the read models.
      await refused(opening(link.token), 410, 'link-stopped');
      await refused(asking(link.token, freshEmail()), 410, 'link-stopped');
      const page = await fetch(`${server.url}/join/${link.token}`, { headers: { accept: 'text/html' } });
      expect([page.status, (await page.text()).includes('This link no longer works')]).toEqual([410, true]);
      expect((await shown(link.id, server.admin)).state).toBe('stopped');
      // A person who was invited before may accept.
      await accepting(before.token).expect(200);
      await owner.api.patch(`/v1/staff/${maker.membershipId}`, { role: 'admin' }).expect(200);
      await opening(link.token).expect(200);
      expect((await shown(link.id, server.admin)).state).toBe('open');
      await server.admin.delete(`/v1/staff/${maker.membershipId}`).expect(204);
      await refused(opening(link.token), 410, 'link-stopped');
    }
  });

  it('release a use when its invitation ends without acceptance', async () => {
    const link = await makePatientLink(server.admin, deployment, { maxUses: 1 });
    const [first, second] = [await asked(link.token), await asked(link.token)];
    // The use is reserved without an enrolment, as after a crash between the two.
    const invitationOf = async (email: string): Promise<string> => {
      await readModelsCaughtUp(server);
      return (
        await server.admin.get(`${deployment.path}/patient-invitations?q=${encodeURIComponent(email)}`).expect(200)
      ).body.items[0].id;
    };
    const id = await invitationOf(first.email);
    const cause = randomUUID();
    const places = server.running.app.get(PatientLinkUses, { strict: false });
    await runInContext({ correlationId: cause, causationId: cause, commandId: cause }, async () =>
      places.reserve(
        { id: link.id, scope: { kind: 'deployment', id: deployment.id }, organisationId: organisation.id },
        id,
      ),
    );
    await refused(accepting(second.token), 410, 'link-used-up');
    await server.anonymous.post(`/v1/invitations/${first.token}/decline`).expect(204);
    await waitFor('the released use', async () => (await opening(link.token)).status === 200);
    await accepting(second.token).expect(200);
    expect((await shown(link.id, server.admin)).uses).toBe(1);
  });

  it('release a use in the command that reserved it, if the invitation had ended before', async () => {
    const link = await makePatientLink(server.admin, deployment, { maxUses: 1 });
    const first = await asked(link.token);
    await server.anonymous.post(`/v1/invitations/${first.token}/decline`).expect(204);
    await readModelsCaughtUp(server);
    const { body } = await server.admin
      .get(`${deployment.path}/patient-invitations?q=${encodeURIComponent(first.email)}`)
      .expect(200);
    const place = {
      id: link.id,
      scope: { kind: 'deployment', id: deployment.id },
      organisationId: organisation.id,
    } as const;
    const stream = membershipStream('patient', place.scope, body.items[0].personId);
    const cause = randomUUID();
    const places = server.running.app.get(PatientLinkUses, { strict: false });
    await runInContext({ correlationId: cause, causationId: cause, commandId: cause }, async () => {
      await places.reserve(place, body.items[0].id);
      await refused(opening(link.token), 410, 'link-used-up');
      await places.releaseIfOver(place, stream, body.items[0].id);
    });
    await opening(link.token).expect(200);
  });

  it(
    `enrol exactly ${String(PLACES)} of ${String(CONTENDERS)} people at the same moment, for ${String(PLACES)} uses`,
    async () => {
      const place = await createDeployment(server, organisation, 'Contended');
      const link = await makePatientLink(server.admin, place, { maxUses: PLACES });
      const contenders: { email: string; token: string }[] = [];
      for (let n = 0; n < CONTENDERS; n += 10) {
        contenders.push(
          ...(await Promise.all(Array.from({ length: Math.min(10, CONTENDERS - n) }, async () => asked(link.token)))),
        );
      }
      const answers = await Promise.all(contenders.map(async ({ token }) => accepting(token)));
      const codes = answers.map(({ status, body }) => (status === 200 ? 'enrolled' : String(body.code)));
      expect([...new Set(codes)].sort()).toEqual(['enrolled', 'link-used-up']);
      expect(codes.filter((code) => code === 'enrolled')).toHaveLength(PLACES);
      await readModelsCaughtUp(server);
      expect((await server.admin.get(`${place.path}/patients?limit=200`).expect(200)).body.items).toHaveLength(PLACES);
      // A person who came too late has no account, and their link gives the reason.
      const late = contenders[codes.indexOf('link-used-up')]!;
      await refused(
        server.anonymous.post('/v1/auth/sign-in/email', { email: late.email, password: PASSWORD }),
        401,
        'sign-in-failed',
      );
      await refused(accepting(late.token), 410, 'link-used-up');
      expect((await shown(link.id, server.admin, place)).uses).toBe(PLACES);
      // The setting LINK_CONTENDERS may ask for more contenders.
    },
    Math.max(20_000, CONTENDERS * 1_500),
  );

  it('have a page that asks for the address', async () => {
    const link = await makePatientLink(server.admin, deployment, { expiresIn: '7d' });
    const page = await server.anonymous.get(`/join/${link.token}`).expect(200);
    expect(page.text).toContain('Take part in Cohort A (Riverside Hospital)');
    const form = (email: string) =>
      server.anonymous
        .post(`/join/${link.token}`)
        .type('form')
        .send(`email=${encodeURIComponent(email)}`);
    const email = freshEmail();
    expect((await form(email).expect(200)).text).toContain('Check your inbox');
    await server.smtp.mailTo(email);
    expect((await form('nobody').expect(400)).text).toContain('Enter your e-mail address');
    await server.admin.delete(`/v1/patient-links/${link.id}`).expect(204);
    expect((await server.anonymous.get(`/join/${link.token}`).expect(410)).text).toContain('This link was revoked');
  });
});
