import { expiryOf } from '../../../../src/modules/invitations/domain/expiry-windows.js';
import { PASSWORD } from '../../../support/test-server.js';
import { codesOf, DAY } from './invitation-scenarios.js';
import type { Rules } from './invitation-type.js';
import { endedOnes } from './life.rules.js';

/** The rules of changing a pending invitation. */
export const changeRules: Rules = {
  change: {
    'gives a pending one another grant and a new end, with the same link and without a mail': async (scenarios) => {
      const { windows, grants } = scenarios.invitationType;
      const first = await scenarios.invited(await scenarios.place());
      scenarios.clock.set(first.expiresAt, -DAY);
      await scenarios.idle();
      const mails = scenarios.mailsTo(first.email);
      const { body } = await scenarios.changing(first.id, { ...grants[1], expiresIn: windows[1]! }).expect(200);
      const expiresAt = expiryOf(windows[1]!, scenarios.clock.now());
      const changed = { ...grants[1], expiresAt };
      expect(body).toMatchObject({ id: first.id, email: first.email, ...changed, state: 'pending', issue: 1 });
      expect(await scenarios.one(first.id)).toEqual(body);
      expect((await scenarios.reading(first.token).expect(200)).body).toMatchObject({ ...changed, terms: 2 });
      scenarios.clock.set(first.expiresAt);
      expect(await scenarios.listed(first.place)).toEqual([`${first.id} pending`]);
      scenarios.clock.set(expiresAt);
      expect(await scenarios.listed(first.place)).toEqual([`${first.id} expired`]);
      expect([scenarios.mailsTo(first.email), await scenarios.recorded(first.id)]).toEqual([
        mails,
        ['InvitationIssued', 'InvitationChanged'],
      ]);
    },
    'makes the caller its issuer': async (scenarios) => {
      const { id, place } = await scenarios.invited(await scenarios.place());
      const { api } = scenarios.inviter;
      await scenarios.giveWork(scenarios.inviter, scenarios.invitationType.mayInvite, place);
      await scenarios.idle();
      // This caller may know the invitation by an alias.
      const { body } = await api.get(`${scenarios.invitationType.invitationsPath(place)}?state=pending`).expect(200);
      const { personId } = (await api.get('/v1/me').expect(200)).body;
      await scenarios.changing(body.items[0].id, { expiresIn: scenarios.invitationType.windows[1]! }, api).expect(200);
      const [last] = (await scenarios.server.events()).filter(({ data }) => data['invitationId'] === id).slice(-1);
      expect([last!.type, last!.metadata.actor]).toEqual(['InvitationChanged', personId]);
      expect((await scenarios.one(id)).invitedBy.personId).toBe(personId);
    },
    'refuses an acceptance of the terms before, and names the present ones': async (scenarios) => {
      const { windows, grants } = scenarios.invitationType;
      const { api, email } = scenarios.invitee;
      const [invited, another] = [
        await scenarios.invited(await scenarios.place(), email),
        await scenarios.invited(await scenarios.place()),
      ];
      for (const { id, token } of [invited, another]) {
        expect((await scenarios.reading(token).expect(200)).body.terms).toBe(1);
        await scenarios.changing(id, { ...grants[1], expiresIn: windows[1]! }).expect(200);
      }
      const account = { name: 'Ann Example', password: PASSWORD };
      const [byLink, byId, byNewAccount] = [
        async (terms: number) => api.post(`/v1/invitations/${invited.token}/accept`, { terms }),
        async (terms: number) => api.post(`/v1/me/invitations/${invited.id}/accept`, { terms }),
        async (terms: number) =>
          scenarios.server.anonymous.post(`/v1/invitations/${another.token}/accept`, { ...account, terms }),
      ];
      const before = await scenarios.stored();
      for (const accept of [byLink, byId, byNewAccount]) {
        const { status, body } = await accept(1);
        expect([status, body]).toMatchObject([
          409,
          { code: 'invitation-changed', current: { ...grants[1], terms: 2 } },
        ]);
      }
      expect(await scenarios.stored()).toEqual(before);
      for (const accept of [byId, byNewAccount]) expect((await accept(2)).status).toBe(200);
      expect(await scenarios.recorded(invited.id)).toEqual([
        'InvitationIssued',
        'InvitationChanged',
        'InvitationAccepted',
      ]);
    },
    'that gives nothing new stores nothing': async (scenarios) => {
      const { id } = await scenarios.invited(await scenarios.place());
      const before = await scenarios.stored();
      for (const body of [{}, scenarios.invitationType.grants[0]]) await scenarios.changing(id, body).expect(200);
      expect(await scenarios.stored()).toEqual(before);
    },
    'is 409 in any other state, and changes nothing': async (scenarios) => {
      const ended = Object.values(await endedOnes(scenarios));
      const expired = await scenarios.invited(await scenarios.place());
      scenarios.clock.set(expired.expiresAt);
      const before = await scenarios.stored();
      const expiresIn = scenarios.invitationType.windows[1]!;
      expect(await codesOf(...[...ended, expired].map(({ id }) => scenarios.changing(id, { expiresIn })))).toEqual(
        Array<string>(4).fill('409 not-changeable'),
      );
      expect(await scenarios.stored()).toEqual(before);
    },
    'is open only to callers who may invite there': async (scenarios) => {
      const { windows, mayNotInvite, mayNotInviteSees } = scenarios.invitationType;
      const { id, place } = await scenarios.invited(await scenarios.place());
      await scenarios.giveWork(scenarios.inviter, mayNotInvite, place);
      await scenarios.idle();
      const before = await scenarios.stored();
      const body = { expiresIn: windows[1]! };
      let shown = id;
      if (mayNotInviteSees) {
        const list = scenarios.invitationType.invitationsPath(place);
        shown = (await scenarios.inviter.api.get(`${list}?state=pending`).expect(200)).body.items[0].id;
      }
      expect(
        await codesOf(
          scenarios.changing(shown, body, scenarios.inviter.api),
          scenarios.changing(id, body, scenarios.somebodyElse.api),
          scenarios.changing(id, body, scenarios.server.anonymous),
          scenarios.changing(id, { expiresIn: '2h' }),
          scenarios.changing('00000000-0000-4000-8000-000000000000', body),
        ),
      ).toEqual([
        mayNotInviteSees ? '403 forbidden' : '404 not-found',
        '404 not-found',
        '401 unauthenticated',
        '400 invalid-input',
        '404 not-found',
      ]);
      expect(await scenarios.stored()).toEqual(before);
    },
    'is refused while the scope is archived': async (scenarios) => {
      const { id, place } = await scenarios.invited(await scenarios.place());
      for (const { path } of place.archivedBy) {
        await scenarios.server.admin.post(`${path}/archive`).expect(200);
        expect(await codesOf(scenarios.changing(id, { expiresIn: scenarios.invitationType.windows[0]! }))).toEqual([
          '409 scope-archived',
        ]);
        await scenarios.server.admin.post(`${path}/restore`).expect(200);
      }
    },
  },
};
