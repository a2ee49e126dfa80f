import { EXPIRY_WINDOWS, expiryOf } from '../../../../src/modules/invitations/domain/expiry-windows.js';
import { recordExpiry } from '../time-support.js';
import { codesOf, DAY, type Invited, type InvitationScenarios } from './invitation-scenarios.js';
import type { Rules } from './invitation-type.js';

/** Invitations to places of their own that were answered or withdrawn: accepted by the invitee, declined, revoked. */
export async function endedOnes(w: InvitationScenarios): Promise<Record<'accepted' | 'declined' | 'revoked', Invited>> {
  const [accepted, declined, revoked] = [
    await w.invited(await w.place(), w.invitee.email),
    await w.invited(await w.place()),
    await w.invited(await w.place()),
  ];
  await w.accepting(accepted.token, w.invitee.api).expect(200);
  await w.declining(declined.token).expect(204);
  await w.revoking(revoked.id).expect(204);
  return { accepted, declined, revoked };
}

/** What whoever may invite, and the clock, do to an invitation. */
export const lifeRules: Rules = {
  resend: {
    'pending or expired: the same id, a new link that works, the old one dead, a new end by the same window unless another is given':
      async (w) => {
        const [expiresIn, other] = [w.context.windows[0]!, w.context.windows[1]!];
        for (const state of ['pending', 'expired', 'expired and recorded']) {
          const first = await w.invited(await w.place(), undefined, { expiresIn });
          w.clock.set(first.expiresAt, state === 'pending' ? -1 : 0);
          if (state === 'expired and recorded') await recordExpiry(w.server);
          const { body } = await w.resending(first.id).expect(200);
          expect(body).toMatchObject({
            id: first.id,
            email: first.email,
            ...w.context.grants[0],
            state: 'pending',
            scope: first.place.scope,
            issue: 2,
            expiresAt: expiryOf(expiresIn, w.clock.now()),
          });
          const { token } = await w.server.smtp.mailTo(first.email, 2);
          expect([
            token === first.token,
            ...(await codesOf(w.reading(first.token), w.accepting(first.token), w.reading(token))),
          ]).toEqual([false, '410 invitation-superseded', '410 invitation-superseded', '200']);
          const third = await w.resent({ ...first, token }, { expiresIn: other });
          expect([third.expiresAt, await codesOf(w.reading(token), w.reading(third.token))]).toEqual([
            expiryOf(other, w.clock.now()),
            ['410 invitation-superseded', '200'],
          ]);
          // The window that was given is the same window from now on.
          expect((await w.resending(first.id).expect(200)).body.expiresAt).toBe(expiryOf(other, w.clock.now()));
          expect(await w.listed(first.place)).toEqual([`${first.id} pending`]);
        }
      },
    'otherwise 409, and nothing happens': async (w) => {
      const ended = Object.values(await endedOnes(w));
      const before = await w.stored();
      expect(await codesOf(...ended.map(({ id }) => w.resending(id)))).toEqual(ended.map(() => '409 not-resendable'));
      expect(await w.stored()).toEqual(before);
    },
    'is for those who may invite there alone': async (w) => {
      const { id, place, token } = await w.invited(await w.place());
      await w.giveWork(w.inviter, w.context.mayNotInvite, place);
      expect(
        await codesOf(w.resending(id, {}, w.inviter.api), w.resending(id, {}, w.somebodyElse.api), w.reading(token)),
      ).toEqual([w.context.mayNotInviteSees ? '403 forbidden' : '404 not-found', '404 not-found', '200']);
    },
  },

  'revoke ("delete")': {
    'pending or expired: the link stops working, the record stays': async (w) => {
      for (const state of ['pending', 'expired']) {
        const invited = await w.invited(await w.place(), w.invitee.email);
        if (state === 'expired') w.clock.set(invited.expiresAt);
        await w.revoking(invited.id).expect(204);
        const { token, id } = invited;
        expect(
          await codesOf(
            w.reading(token),
            w.accepting(token, w.invitee.api),
            w.declining(token),
            w.answeringOwn(id, 'accept'),
          ),
        ).toEqual(Array(4).fill('410 invitation-revoked'));
        expect([
          (await w.one(id)).state,
          await w.listed(invited.place),
          await w.listed(invited.place, '?state=pending'),
        ]).toEqual(['revoked', [`${id} revoked`], []]);
        expect((await w.own()).includes(id)).toBe(false);
        expect((await w.recorded(id)).at(-1)).toBe('InvitationRevoked');
      }
    },
    'nothing else: 409; again it is quiet': async (w) => {
      const { accepted, declined, revoked } = await endedOnes(w);
      const followed = await w.invited(await w.place());
      w.clock.set(followed.expiresAt);
      await w.invited(followed.place, followed.email);
      const before = await w.stored();
      expect(
        await codesOf(
          w.revoking(accepted.id),
          w.revoking(declined.id),
          w.revoking(followed.id),
          w.revoking(revoked.id),
        ),
      ).toEqual([...Array<string>(3).fill('409 not-revocable'), '204']);
      expect(await w.stored()).toEqual(before);
    },
    'the mail that is still to be sent and the reminder are not sent': async (w) => {
      const [pending, sent] = [await w.place(), await w.invited(await w.place())];
      const email = 'postponed@example.test';
      w.server.smtp.refuse((to) => (to === email ? 451 : null));
      const { body } = await w.inviting(pending, { emails: [email] }).expect(201);
      const id = String(body.results[0].invitationId);
      await w.idle();
      expect((await w.one(id)).mail.state).toBe('pending');
      for (const one of [id, sent.id]) await w.revoking(one).expect(204);
      w.server.smtp.refuse(() => null);
      w.clock.set(sent.expiresAt, -2 * DAY);
      await w.idle();
      w.clock.set(sent.expiresAt);
      expect([(await w.one(id)).mail.state, w.mailsTo(email), w.mailsTo(sent.email)]).toEqual(['dropped', 0, 1]);
    },
    'is for those who may invite there alone': async (w) => {
      const { id, place, token } = await w.invited(await w.place());
      await w.giveWork(w.inviter, w.context.mayNotInvite, place);
      expect(
        await codesOf(w.revoking(id, w.inviter.api), w.revoking(id, w.somebodyElse.api), w.reading(token)),
      ).toEqual([w.context.mayNotInviteSees ? '403 forbidden' : '404 not-found', '404 not-found', '200']);
    },
  },

  expire: {
    'a millisecond before it is open, at the time it is over, for every query and every command': async (w) => {
      const invited = await w.invited(await w.place(), w.invitee.email, { expiresIn: w.context.windows[0]! });
      const { id, token, place } = invited;
      const look = async () => ({
        link: await codesOf(w.reading(token)),
        one: (await w.one(id)).state,
        own: (await w.own()).includes(id),
        lists: [
          await w.listed(place),
          await w.listed(place, '?state=pending'),
          await w.listed(place, '?state=expired'),
        ],
      });
      w.clock.set(invited.expiresAt, -1);
      expect(await look()).toEqual({
        link: ['200'],
        one: 'pending',
        own: true,
        lists: [[`${id} pending`], [`${id} pending`], []],
      });
      w.clock.set(invited.expiresAt);
      const over = {
        link: ['410 invitation-expired'],
        one: 'expired',
        own: false,
        lists: [[`${id} expired`], [], [`${id} expired`]],
      };
      const answers = async () =>
        codesOf(
          w.accepting(token, w.invitee.api),
          w.accepting(token),
          w.declining(token),
          w.declining(token, w.invitee.api),
          w.answeringOwn(id, 'accept'),
          w.answeringOwn(id, 'decline'),
        );
      expect([await look(), await answers()]).toEqual([over, Array(6).fill('410 invitation-expired')]);
      const { body } = await w.inviting(place, { emails: [invited.email], dryRun: true }).expect(201);
      expect([body.results[0].outcome, await w.recorded(id)]).toEqual(['invited', ['InvitationIssued']]);
      await recordExpiry(w.server);
      await recordExpiry(w.server);
      expect(await w.recorded(id)).toEqual(['InvitationIssued', 'InvitationExpired']);
      expect([await look(), await answers()]).toEqual([over, Array(6).fill('410 invitation-expired')]);
    },
    'accepted a millisecond before, it stays accepted': async (w) => {
      const invited = await w.invited(await w.place(), w.invitee.email);
      w.clock.set(invited.expiresAt, -1);
      await w.accepting(invited.token, w.invitee.api).expect(200);
      w.clock.advance(EXPIRY_WINDOWS[w.context.defaultWindow]);
      await recordExpiry(w.server);
      expect([(await w.one(invited.id)).state, await w.recorded(invited.id)]).toEqual([
        'accepted',
        ['InvitationIssued', 'InvitationAccepted'],
      ]);
    },
  },

  'archived scope': {
    'no writes, no acceptance; reads go on and pending ones wait; also where what is above is archived': async (w) => {
      for (const kind of w.context.places) {
        const place = await w.place(kind);
        for (const archived of place.archivedBy) {
          const invited = await w.invited(place, w.invitee.email);
          const { id, token } = invited;
          await w.server.admin.post(`${archived.path}/archive`).expect(200);
          const before = await w.stored();
          const writes = [
            w.inviting(place),
            w.inviting(place, { dryRun: true }),
            w.previewingImport(place, 'ann@example.test'),
            w.resending(id),
            w.revoking(id),
            w.accepting(token, w.invitee.api),
            w.declining(token),
            w.declining(token, w.invitee.api),
            w.answeringOwn(id, 'accept'),
            w.answeringOwn(id, 'decline'),
          ];
          expect(await codesOf(...writes)).toEqual(writes.map(() => '409 scope-archived'));
          expect([
            await w.stored(),
            await codesOf(w.reading(token)),
            (await w.one(id)).state,
            (await w.own()).includes(id),
          ]).toEqual([before, ['200'], 'pending', true]);
          expect((await w.listed(place, '?state=pending')).includes(`${id} pending`)).toBe(true);
          await w.server.admin.post(`${archived.path}/restore`).expect(200);
          const { body } = await w.accepting(token, w.invitee.api).expect(200);
          await w.idle();
          await w.context.endMembership(w.server, body.membershipId);
        }
      }
    },
    'nobody makes an account there either': async (w) => {
      const { place, email, token } = await w.invited(await w.place());
      await w.server.admin.post(`${place.archivedBy[0]!.path}/archive`).expect(200);
      const before = await w.stored();
      expect(await codesOf(w.accepting(token))).toEqual(['409 scope-archived']);
      expect([await w.stored(), w.mailsTo(email)]).toEqual([before, 1]);
    },
  },
};
