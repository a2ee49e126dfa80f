import { PASSWORD } from '../../../support/test-server.js';
import { codesOf } from './invitation-scenarios.js';
import type { Rules } from './invitation-type.js';

const NEW_NAME = 'Invited Person';

/** The invitee's yes and no. */
export const acceptanceRules: Rules = {
  'accept, nobody signed in, no account': {
    'name and password create the account, for the address that the link was mailed to': async (w) => {
      const { id, token, email, place } = await w.invited(await w.place());
      expect((await w.reading(token).expect(200)).body).toMatchObject({ email, account: 'none' });
      const { body } = await w.accepting(token).expect(200);
      expect(body).toEqual({
        kind: w.context.kind,
        scope: place.scope,
        membershipId: expect.any(String),
        token: expect.any(String),
      });
      for (const api of [w.server.signedIn(body.token), await w.server.signIn(email)]) {
        expect((await api.get('/v1/me').expect(200)).body).toMatchObject({ email, name: NEW_NAME });
      }
      expect((await w.one(id)).state).toBe('accepted');
      expect(await w.context.memberEmails(w.server, place)).toEqual([email]);
    },
    'without both, or with a bad one, every bad field is named and the invitation is kept': async (w) => {
      const { id, token } = await w.invited(await w.place());
      const before = await w.stored();
      for (const [body, fields] of [
        [{}, ['name', 'password']],
        [{ name: '', password: 'short' }, ['name', 'password']],
        [{ name: 'Ann', password: 'short' }, ['password']],
      ] as const) {
        const answer = await w.server.nobody.post(`/v1/invitations/${token}/accept`, body).expect(400);
        expect([answer.body.code, answer.body.errors.map(({ field }: { field: string }) => field)]).toEqual([
          'invalid-input',
          fields,
        ]);
      }
      expect([await w.stored(), (await w.one(id)).state]).toEqual([before, 'pending']);
    },
  },

  'accept, account exists, not signed in': {
    '409: nobody is signed in by it, no password changes; the invitation is kept for whoever signs in': async (w) => {
      const { id, token, email } = await w.invited(await w.place(), w.invitee.email);
      expect((await w.reading(token).expect(200)).body.account).toBe('exists');
      const before = await w.stored();
      for (const account of [{ name: 'Thief', password: 'the password of a thief' }, {}]) {
        const { status, body, headers } = await w.server.nobody.post(`/v1/invitations/${token}/accept`, account);
        expect([status, body.code, body.token, headers['set-cookie']]).toEqual([
          409,
          'account-exists',
          undefined,
          undefined,
        ]);
      }
      expect([await w.stored(), (await w.one(id)).state]).toEqual([before, 'pending']);
      await w.accepting(token, await w.server.signIn(email, PASSWORD)).expect(200);
    },
  },

  'accept, signed in as the invitee': {
    'without a password, but they confirm: reading accepts nothing, the answer holds no session': async (w) => {
      const { id, token, place } = await w.invited(await w.place(), w.invitee.email);
      await w.reading(token, w.invitee.api).expect(200);
      expect((await w.one(id)).state).toBe('pending');
      const { body, headers } = await w.accepting(token, w.invitee.api).expect(200);
      expect(body).toEqual({ kind: w.context.kind, scope: place.scope, membershipId: expect.any(String) });
      expect([headers['set-cookie'], (await w.one(id)).state]).toEqual([undefined, 'accepted']);
      expect(await w.context.memberEmails(w.server, place)).toEqual([w.invitee.email]);
    },
  },

  'accept, signed in as somebody else': {
    '409, and nothing is consumed: not by declining either': async (w) => {
      const { id, token, email } = await w.invited(await w.place());
      const before = await w.stored();
      for (const { api } of [w.somebodyElse, { api: w.server.admin }]) {
        expect(await codesOf(w.accepting(token, api), w.declining(token, api))).toEqual([
          '409 wrong-account',
          '409 wrong-account',
        ]);
        expect(
          await codesOf(api.post(`/v1/invitations/${token}/accept`, { name: 'Somebody Else', password: PASSWORD })),
        ).toEqual(['409 wrong-account']);
        expect(await codesOf(w.answeringOwn(id, 'accept', api), w.answeringOwn(id, 'decline', api))).toEqual([
          '404 not-found',
          '404 not-found',
        ]);
      }
      expect([await w.stored(), (await w.one(id)).state, await codesOf(w.reading(token))]).toEqual([
        before,
        'pending',
        ['200'],
      ]);
      expect(await codesOf(w.server.nobody.post('/v1/auth/sign-in/email', { email, password: PASSWORD }))).toEqual([
        '401 sign-in-failed',
      ]);
    },
  },

  'accept twice': {
    'once the membership has ended it is 410: nobody is told that they are a member': async (w) => {
      const { id, token } = await w.invited(await w.place(), w.invitee.email);
      const { body } = await w.accepting(token, w.invitee.api).expect(200);
      await w.context.endMembership(w.server, body.membershipId);
      expect(await codesOf(w.accepting(token, w.invitee.api), w.answeringOwn(id, 'accept'))).toEqual([
        '410 invitation-accepted',
        '410 invitation-accepted',
      ]);
    },
    'signed in as the same person it is a no-op; nobody signed in gets 410 and never a session': async (w) => {
      const { id, token } = await w.invited(await w.place(), w.invitee.email);
      const first = await w.accepting(token, w.invitee.api).expect(200);
      const before = await w.stored();
      for (const again of [w.accepting(token, w.invitee.api), w.answeringOwn(id, 'accept')])
        expect((await again.expect(200)).body).toEqual(first.body);
      const { status, body, headers } = await w.accepting(token);
      expect([status, body.code, body.token, headers['set-cookie']]).toEqual([
        410,
        'invitation-accepted',
        undefined,
        undefined,
      ]);
      expect(await w.stored()).toEqual(before);
    },
    'a concurrent pair that is signed in gives one membership': async (w) => {
      const { id, token, place } = await w.invited(await w.place(), w.invitee.email);
      const answers = await Promise.all([w.accepting(token, w.invitee.api), w.answeringOwn(id, 'accept')]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(new Set(answers.map(({ body }) => body.membershipId)).size).toBe(1);
      expect((await w.recorded(id)).filter((type) => type === 'InvitationAccepted')).toHaveLength(1);
      await w.idle();
      expect(await w.context.memberEmails(w.server, place)).toEqual([w.invitee.email]);
    },
    'a concurrent pair without an account gives one account, one session and one membership': async (w) => {
      const { id, token, email, place } = await w.invited(await w.place());
      const answers = await Promise.all([w.accepting(token), w.accepting(token)]);
      expect(
        answers.map(({ status, body }) => `${String(status)} ${String(body.code)} ${typeof body.token}`).sort(),
      ).toEqual(['200 undefined string', '410 invitation-accepted undefined']);
      expect((await w.recorded(id)).filter((type) => type === 'InvitationAccepted')).toHaveLength(1);
      await w.idle();
      expect(await w.context.memberEmails(w.server, place)).toEqual([email]);
    },
  },

  decline: {
    'by link: nobody signed in, or the invitee; without a link: the invitee, signed in': async (w) => {
      const anonymous = await w.invited(await w.place());
      await w.declining(anonymous.token).expect(204);
      const [byLink, byId] = [
        await w.invited(await w.place(), w.invitee.email),
        await w.invited(await w.place(), w.invitee.email),
      ];
      await w.declining(byLink.token, w.invitee.api).expect(204);
      await w.answeringOwn(byId.id, 'decline').expect(204);
      for (const { id, token, place } of [anonymous, byLink, byId]) {
        expect([(await w.one(id)).state, await w.listed(place, '?state=declined')]).toEqual([
          'declined',
          [`${id} declined`],
        ]);
        expect(await codesOf(w.reading(token), w.declining(token), w.accepting(token))).toEqual(
          Array(3).fill('410 invitation-declined'),
        );
        expect(await w.context.memberEmails(w.server, place)).toEqual([]);
      }
      for (const { id } of [byLink, byId]) {
        expect(await codesOf(w.answeringOwn(id, 'accept'), w.answeringOwn(id, 'decline'))).toEqual(
          Array(2).fill('410 invitation-declined'),
        );
        expect((await w.own()).includes(id)).toBe(false);
      }
    },
  },
};
