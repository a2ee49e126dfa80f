import { PASSWORD } from '../../../support/test-server.js';
import { codesOf } from './invitation-scenarios.js';
import type { Rules } from './invitation-type.js';

const NEW_NAME = 'Invited Person';

/** The rules of accepting and declining. */
export const acceptanceRules: Rules = {
  'accept, nobody signed in, no account': {
    'creates the account by name and password, for the address of the invitation': async (scenarios) => {
      const { id, token, email, place } = await scenarios.invited(await scenarios.place());
      expect((await scenarios.reading(token).expect(200)).body).toMatchObject({ email, account: 'none' });
      const { body } = await scenarios.accepting(token).expect(200);
      expect(body).toEqual({
        kind: scenarios.invitationType.kind,
        scope: place.scope,
        membershipId: expect.any(String),
        token: expect.any(String),
      });
      for (const api of [scenarios.server.signedIn(body.token), await scenarios.server.signIn(email)]) {
        expect((await api.get('/v1/me').expect(200)).body).toMatchObject({ email, name: NEW_NAME });
      }
      expect((await scenarios.one(id)).state).toBe('accepted');
      expect(await scenarios.invitationType.memberEmails(scenarios.server, place)).toEqual([email]);
    },
    'is refused without a valid name and password, names every invalid field, and keeps the invitation': async (
      scenarios,
    ) => {
      const { id, token } = await scenarios.invited(await scenarios.place());
      const before = await scenarios.stored();
      for (const [body, fields] of [
        [{}, ['name', 'password']],
        [{ name: '', password: 'short' }, ['name', 'password']],
        [{ name: 'Ann', password: 'short' }, ['password']],
      ] as const) {
        const answer = await scenarios.server.anonymous.post(`/v1/invitations/${token}/accept`, body).expect(400);
        expect([answer.body.code, answer.body.errors.map(({ field }: { field: string }) => field)]).toEqual([
          'invalid-input',
          fields,
        ]);
      }
      expect([await scenarios.stored(), (await scenarios.one(id)).state]).toEqual([before, 'pending']);
    },
  },

  'accept, account exists, not signed in': {
    'is 409 without a session or another password, and waits for the person to sign in': async (scenarios) => {
      const { id, token, email } = await scenarios.invited(await scenarios.place(), scenarios.invitee.email);
      expect((await scenarios.reading(token).expect(200)).body.account).toBe('exists');
      const before = await scenarios.stored();
      for (const account of [{ name: 'Thief', password: 'the password of a thief' }, {}]) {
        const { status, body, headers } = await scenarios.server.anonymous.post(
          `/v1/invitations/${token}/accept`,
          account,
        );
        expect([status, body.code, body.token, headers['set-cookie']]).toEqual([
          409,
          'account-exists',
          undefined,
          undefined,
        ]);
      }
      expect([await scenarios.stored(), (await scenarios.one(id)).state]).toEqual([before, 'pending']);
      await scenarios.accepting(token, await scenarios.server.signIn(email, PASSWORD)).expect(200);
    },
  },

  'accept, signed in as the invitee': {
    'needs a call of its own and no password, because reading accepts nothing': async (scenarios) => {
      const { id, token, place } = await scenarios.invited(await scenarios.place(), scenarios.invitee.email);
      await scenarios.reading(token, scenarios.invitee.api).expect(200);
      expect((await scenarios.one(id)).state).toBe('pending');
      const { body, headers } = await scenarios.accepting(token, scenarios.invitee.api).expect(200);
      expect(body).toEqual({
        kind: scenarios.invitationType.kind,
        scope: place.scope,
        membershipId: expect.any(String),
      });
      expect([headers['set-cookie'], (await scenarios.one(id)).state]).toEqual([undefined, 'accepted']);
      expect(await scenarios.invitationType.memberEmails(scenarios.server, place)).toEqual([scenarios.invitee.email]);
    },
  },

  'accept, signed in as somebody else': {
    'is 409 for accepting and for declining, and changes nothing': async (scenarios) => {
      const { id, token, email } = await scenarios.invited(await scenarios.place());
      const before = await scenarios.stored();
      for (const { api } of [scenarios.somebodyElse, { api: scenarios.server.admin }]) {
        expect(await codesOf(scenarios.accepting(token, api), scenarios.declining(token, api))).toEqual([
          '409 wrong-account',
          '409 wrong-account',
        ]);
        expect(
          await codesOf(api.post(`/v1/invitations/${token}/accept`, { name: 'Somebody Else', password: PASSWORD })),
        ).toEqual(['409 wrong-account']);
        expect(
          await codesOf(scenarios.answeringOwn(id, 'accept', api), scenarios.answeringOwn(id, 'decline', api)),
        ).toEqual(['404 not-found', '404 not-found']);
      }
      expect([
        await scenarios.stored(),
        (await scenarios.one(id)).state,
        await codesOf(scenarios.reading(token)),
      ]).toEqual([before, 'pending', ['200']]);
      expect(
        await codesOf(scenarios.server.anonymous.post('/v1/auth/sign-in/email', { email, password: PASSWORD })),
      ).toEqual(['401 sign-in-failed']);
    },
  },

  'accept twice': {
    'is 410 after the membership ended, because the person is no member any more': async (scenarios) => {
      const { id, token } = await scenarios.invited(await scenarios.place(), scenarios.invitee.email);
      const { body } = await scenarios.accepting(token, scenarios.invitee.api).expect(200);
      await scenarios.invitationType.endMembership(scenarios.server, body.membershipId);
      expect(
        await codesOf(scenarios.accepting(token, scenarios.invitee.api), scenarios.answeringOwn(id, 'accept')),
      ).toEqual(['410 invitation-accepted', '410 invitation-accepted']);
    },
    'changes nothing for the signed-in member, and is 410 without a session for an anonymous caller': async (
      scenarios,
    ) => {
      const { id, token } = await scenarios.invited(await scenarios.place(), scenarios.invitee.email);
      const first = await scenarios.accepting(token, scenarios.invitee.api).expect(200);
      const before = await scenarios.stored();
      for (const again of [scenarios.accepting(token, scenarios.invitee.api), scenarios.answeringOwn(id, 'accept')])
        expect((await again.expect(200)).body).toEqual(first.body);
      const { status, body, headers } = await scenarios.accepting(token);
      expect([status, body.code, body.token, headers['set-cookie']]).toEqual([
        410,
        'invitation-accepted',
        undefined,
        undefined,
      ]);
      expect(await scenarios.stored()).toEqual(before);
    },
    'gives one membership to two concurrent calls of a signed-in person': async (scenarios) => {
      const { id, token, place } = await scenarios.invited(await scenarios.place(), scenarios.invitee.email);
      const answers = await Promise.all([
        scenarios.accepting(token, scenarios.invitee.api),
        scenarios.answeringOwn(id, 'accept'),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(new Set(answers.map(({ body }) => body.membershipId)).size).toBe(1);
      expect((await scenarios.recorded(id)).filter((type) => type === 'InvitationAccepted')).toHaveLength(1);
      await scenarios.idle();
      expect(await scenarios.invitationType.memberEmails(scenarios.server, place)).toEqual([scenarios.invitee.email]);
    },
    'gives one account, one session and one membership to two concurrent calls without an account': async (
      scenarios,
    ) => {
      const { id, token, email, place } = await scenarios.invited(await scenarios.place());
      const answers = await Promise.all([scenarios.accepting(token), scenarios.accepting(token)]);
      expect(
        answers.map(({ status, body }) => `${String(status)} ${String(body.code)} ${typeof body.token}`).sort(),
      ).toEqual(['200 undefined string', '410 invitation-accepted undefined']);
      expect((await scenarios.recorded(id)).filter((type) => type === 'InvitationAccepted')).toHaveLength(1);
      await scenarios.idle();
      expect(await scenarios.invitationType.memberEmails(scenarios.server, place)).toEqual([email]);
    },
  },

  decline: {
    'is open by link to anonymous callers and the invitee, and by id to the invitee alone': async (scenarios) => {
      const anonymous = await scenarios.invited(await scenarios.place());
      await scenarios.declining(anonymous.token).expect(204);
      const [byLink, byId] = [
        await scenarios.invited(await scenarios.place(), scenarios.invitee.email),
        await scenarios.invited(await scenarios.place(), scenarios.invitee.email),
      ];
      await scenarios.declining(byLink.token, scenarios.invitee.api).expect(204);
      await scenarios.answeringOwn(byId.id, 'decline').expect(204);
      for (const { id, token, place } of [anonymous, byLink, byId]) {
        expect([(await scenarios.one(id)).state, await scenarios.listed(place, '?state=declined')]).toEqual([
          'declined',
          [`${id} declined`],
        ]);
        expect(await codesOf(scenarios.reading(token), scenarios.declining(token), scenarios.accepting(token))).toEqual(
          Array(3).fill('410 invitation-declined'),
        );
        expect(await scenarios.invitationType.memberEmails(scenarios.server, place)).toEqual([]);
      }
      for (const { id } of [byLink, byId]) {
        expect(await codesOf(scenarios.answeringOwn(id, 'accept'), scenarios.answeringOwn(id, 'decline'))).toEqual(
          Array(2).fill('410 invitation-declined'),
        );
        expect((await scenarios.own()).includes(id)).toBe(false);
      }
    },
  },
};
