import request from 'supertest';
import { runInContext } from '../../../../src/shared/request-context/request-context.js';
import { ResubscriptionProcessManager } from '../../../../src/modules/invitations/subscriptions/resubscription.process-manager.js';
import { describeOnOneEngine } from '../../../support/engines.js';
import { startTestServer, type TestServer } from '../../../support/test-server.js';
import { join, makePatientLink, idle } from '../../../support/scenarios.js';
import { limitsOn, type Invites } from '../limits/limits-support.js';
import { pathIn, subscriptionsOn, type Invited } from './subscriptions-support.js';

describeOnOneEngine(
  'an unsubscription ends',
  (engine) => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startTestServer(engine, { RESENDS_PER_MINUTE: '0' });
    });
    afterAll(async () => {
      await server.close();
    });
    const { places } = limitsOn(() => server);
    const {
      everything,
      types,
      mailsTo,
      oneClick,
      invited,
      withheld,
      mailState,
      unsubscriptions,
      accepted,
      waitUntilResubscribed,
    } = subscriptionsOn(() => server);

    async function unsubscribedFrom(to: Invites): Promise<Invited> {
      const invitation = await invited(to);
      await oneClick(invitation.path).expect(200);
      return invitation;
    }

    it('when the person accepts the invitation by its link, and withheld mails are sent then', async () => {
      const [organisation, deployment] = await places();
      const invitation = await unsubscribedFrom(organisation!);
      const waiting = await withheld(deployment!, invitation.email);
      const before = await everything();
      await accepted(invitation);
      await waitUntilResubscribed(before);
      await server.smtp.mailTo(invitation.email, 2);
      await idle(server);
      expect([mailsTo(invitation.email), await mailState(deployment!, waiting)]).toEqual([2, 'sent']);
    });

    it('when the signed-in person accepts another invitation of the organisation', async () => {
      const [organisation, , , group] = await places();
      const { email } = await join(server, organisation!.place, 'contributor');
      const { path } = await invited((await places())[0]!, email);
      await oneClick(path).expect(200);
      const api = await server.signIn(email);
      const here = pathIn(server.smtp.to(email)[0]!, server);
      await oneClick(here).expect(200);
      expect(await unsubscriptions(api)).toHaveLength(2);
      const id = await withheld(group!, email);
      const before = await everything();
      await api.post(`/v1/me/invitations/${id}/accept`, {}).expect(200);
      await waitUntilResubscribed(before);
      // The unsubscription of the other organisation still holds.
      expect(await unsubscriptions(api)).toHaveLength(1);
    });

    it('when the person asks at a patient link, and withheld mails are sent then', async () => {
      const [, , patients] = await places();
      const first = await unsubscribedFrom((await places())[2]!);
      const own = await invited(patients!, first.email);
      await server.admin.delete(`/v1/patient-invitations/${own.id}`).expect(204);
      await oneClick(own.path).expect(200);
      const { token } = await makePatientLink(server.admin, patients!.place);
      const before = await everything();
      await server.anonymous.post(`/v1/links/${token}/requests`, { email: first.email }).expect(202);
      expect(await types(before)).toEqual(['MailResubscribed', 'InvitationIssued']);
      expect((await server.events()).at(-2)).toMatchObject({
        data: { because: 'asked' },
        metadata: { actor: 'system' },
      });
      await server.smtp.mailTo(first.email, 3);
      // A pending invitation is not superseded, because its withheld mail is sent now.
      const pending = await invited(patients!);
      await oneClick(pending.path).expect(200);
      await server.admin.post(`/v1/patient-invitations/${pending.id}/resend`, {}).expect(200);
      await idle(server);
      expect([mailsTo(pending.email), await mailState(patients!, pending.id)]).toEqual([1, 'unsubscribed']);
      await server.anonymous.post(`/v1/links/${token}/requests`, { email: pending.email }).expect(202);
      await server.smtp.mailTo(pending.email, 2);
    });

    it('when the person undoes it on the page', async () => {
      const [to] = await places();
      const { path, email, id } = await unsubscribedFrom(to!);
      await request(server.url).post(`${path}/undo`).redirects(0).expect(303).expect('Location', path);
      await server.anonymous
        .get(path)
        .expect(200)
        .expect(new RegExp(`action="${path}"`));
      expect(await mailState(to!, id)).toBe('sent');
      await server.admin.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
      await server.smtp.mailTo(email, 2);
    });

    it('when the signed-in person ends it in their list of unsubscriptions', async () => {
      const [to] = await places();
      const { email, api } = await join(server, to!.place, 'contributor');
      const other = await invited((await places())[0]!, email);
      for (const { headers } of server.smtp.to(email))
        await oneClick(new URL(headers.get('list-unsubscribe')!.slice(1, -1)).pathname).expect(200);
      const { body } = await api.get('/v1/me/unsubscriptions').expect(200);
      expect(body.items).toHaveLength(2);
      for (const item of body.items)
        expect(item).toEqual({
          id: expect.any(String),
          organisation: { id: expect.any(String), name: 'Riverside Hospital' },
          since: expect.any(String),
        });
      expect(await unsubscriptions((await join(server, to!.place, 'contributor')).api)).toEqual([]);
      const { id } = body.items.find(
        ({ organisation }: { organisation: { id: string } }) => organisation.id === to!.place.id,
      );
      expect((await server.admin.delete(`/v1/me/unsubscriptions/${String(id)}`).expect(404)).body.code).toBe(
        'not-found',
      );
      await api.delete(`/v1/me/unsubscriptions/${String(id)}`).expect(204);
      expect((await api.delete(`/v1/me/unsubscriptions/${String(id)}`).expect(404)).body.code).toBe('not-found');
      const [left, ...more] = await unsubscriptions(api);
      expect([left!.organisation.id, more]).toEqual([other.to.place.id, []]);
      // The page of own mails has a form for it too.
      const form = `/me/unsubscriptions/${left!.id}/end`;
      expect((await api.get('/account/notices').expect(200)).text).toContain(`action="${form}"`);
      await api.post(form).redirects(0).expect(303);
      expect((await api.get('/account/notices').expect(200)).text).not.toContain('/me/unsubscriptions/');
      expect(await unsubscriptions(api)).toEqual([]);
    });

    it('but not when an earlier acceptance is processed again', async () => {
      const [to] = await places();
      const invitation = await invited(to!);
      const before = await everything();
      await accepted(invitation);
      const event = (await server.events()).findLast(({ type }) => type === 'InvitationAccepted')!;
      await oneClick(invitation.path).expect(200);
      await runInContext(
        { correlationId: 'again', causationId: event.id, commandId: '11111111-0000-4000-8000-00000000feed' },
        async () => server.running.app.get(ResubscriptionProcessManager).react(event),
      );
      expect((await types(before)).filter((type) => type.startsWith('Mail'))).toEqual(['MailUnsubscribed']);
    });
  },
  { alsoOnEventStoreDb: true },
);
