import { EXPIRY_WINDOWS, expiryOf } from '../../../../src/modules/invitations/domain/expiry-windows.js';
import { recordExpiry } from '../time-support.js';
import { codesOf, DAY, type Invited, type InvitationScenarios } from './invitation-scenarios.js';
import type { Rules } from './invitation-type.js';

/** Makes three ended invitations, each to a place of its own. The invitee accepted the first. */
export async function endedOnes(
  scenarios: InvitationScenarios,
): Promise<Record<'accepted' | 'declined' | 'revoked', Invited>> {
  const [accepted, declined, revoked] = [
    await scenarios.invited(await scenarios.place(), scenarios.invitee.email),
    await scenarios.invited(await scenarios.place()),
    await scenarios.invited(await scenarios.place()),
  ];
  await scenarios.accepting(accepted.token, scenarios.invitee.api).expect(200);
  await scenarios.declining(declined.token).expect(204);
  await scenarios.revoking(revoked.id).expect(204);
  return { accepted, declined, revoked };
}

/** The rules of resending, revoking, expiry and archived scopes. */
export const lifeRules: Rules = {
  resend: {
    'keeps the id of a pending or expired one, replaces the link, and sets a new end by the same or a new window':
      async (scenarios) => {
        const [expiresIn, other] = [scenarios.invitationType.windows[0]!, scenarios.invitationType.windows[1]!];
        for (const state of ['pending', 'expired', 'expired and recorded']) {
          const first = await scenarios.invited(await scenarios.place(), undefined, { expiresIn });
          scenarios.clock.set(first.expiresAt, state === 'pending' ? -1 : 0);
          if (state === 'expired and recorded') await recordExpiry(scenarios.server);
          const { body } = await scenarios.resending(first.id).expect(200);
          expect(body).toMatchObject({
            id: first.id,
            email: first.email,
            ...scenarios.invitationType.grants[0],
            state: 'pending',
            scope: first.place.scope,
            issue: 2,
            expiresAt: expiryOf(expiresIn, scenarios.clock.now()),
          });
          const { token } = await scenarios.server.smtp.mailTo(first.email, 2);
          expect([
            token === first.token,
            ...(await codesOf(
              scenarios.reading(first.token),
              scenarios.accepting(first.token),
              scenarios.reading(token),
            )),
          ]).toEqual([false, '410 invitation-superseded', '410 invitation-superseded', '200']);
          const third = await scenarios.resent({ ...first, token }, { expiresIn: other });
          expect([third.expiresAt, await codesOf(scenarios.reading(token), scenarios.reading(third.token))]).toEqual([
            expiryOf(other, scenarios.clock.now()),
            ['410 invitation-superseded', '200'],
          ]);
          // Later resends keep the window of this call.
          expect((await scenarios.resending(first.id).expect(200)).body.expiresAt).toBe(
            expiryOf(other, scenarios.clock.now()),
          );
          expect(await scenarios.listed(first.place)).toEqual([`${first.id} pending`]);
        }
      },
    'is 409 in any other state, and changes nothing': async (scenarios) => {
      const ended = Object.values(await endedOnes(scenarios));
      const before = await scenarios.stored();
      expect(await codesOf(...ended.map(({ id }) => scenarios.resending(id)))).toEqual(
        ended.map(() => '409 not-resendable'),
      );
      expect(await scenarios.stored()).toEqual(before);
    },
    'is open only to callers who may invite there': async (scenarios) => {
      const { id, place, token } = await scenarios.invited(await scenarios.place());
      await scenarios.giveWork(scenarios.inviter, scenarios.invitationType.mayNotInvite, place);
      expect(
        await codesOf(
          scenarios.resending(id, {}, scenarios.inviter.api),
          scenarios.resending(id, {}, scenarios.somebodyElse.api),
          scenarios.reading(token),
        ),
      ).toEqual([
        scenarios.invitationType.mayNotInviteSees ? '403 forbidden' : '404 not-found',
        '404 not-found',
        '200',
      ]);
    },
  },

  'revoke ("delete")': {
    'ends the link of a pending or expired one, and keeps the record': async (scenarios) => {
      for (const state of ['pending', 'expired']) {
        const invited = await scenarios.invited(await scenarios.place(), scenarios.invitee.email);
        if (state === 'expired') scenarios.clock.set(invited.expiresAt);
        await scenarios.revoking(invited.id).expect(204);
        const { token, id } = invited;
        expect(
          await codesOf(
            scenarios.reading(token),
            scenarios.accepting(token, scenarios.invitee.api),
            scenarios.declining(token),
            scenarios.answeringOwn(id, 'accept'),
          ),
        ).toEqual(Array(4).fill('410 invitation-revoked'));
        expect([
          (await scenarios.one(id)).state,
          await scenarios.listed(invited.place),
          await scenarios.listed(invited.place, '?state=pending'),
        ]).toEqual(['revoked', [`${id} revoked`], []]);
        expect((await scenarios.own()).includes(id)).toBe(false);
        expect((await scenarios.recorded(id)).at(-1)).toBe('InvitationRevoked');
      }
    },
    'is 409 in any other state, and stores nothing on a repeat': async (scenarios) => {
      const { accepted, declined, revoked } = await endedOnes(scenarios);
      const followed = await scenarios.invited(await scenarios.place());
      scenarios.clock.set(followed.expiresAt);
      await scenarios.invited(followed.place, followed.email);
      const before = await scenarios.stored();
      expect(
        await codesOf(
          scenarios.revoking(accepted.id),
          scenarios.revoking(declined.id),
          scenarios.revoking(followed.id),
          scenarios.revoking(revoked.id),
        ),
      ).toEqual([...Array<string>(3).fill('409 not-revocable'), '204']);
      expect(await scenarios.stored()).toEqual(before);
    },
    'cancels the reminder and a mail that was not sent yet': async (scenarios) => {
      const [pending, sent] = [await scenarios.place(), await scenarios.invited(await scenarios.place())];
      const email = 'postponed@example.test';
      scenarios.server.smtp.refuse((to) => (to === email ? 451 : null));
      const { body } = await scenarios.inviting(pending, { emails: [email] }).expect(201);
      const id = String(body.results[0].invitationId);
      await scenarios.idle();
      expect((await scenarios.one(id)).mail.state).toBe('pending');
      for (const one of [id, sent.id]) await scenarios.revoking(one).expect(204);
      scenarios.server.smtp.refuse(() => null);
      scenarios.clock.set(sent.expiresAt, -2 * DAY);
      await scenarios.idle();
      scenarios.clock.set(sent.expiresAt);
      expect([(await scenarios.one(id)).mail.state, scenarios.mailsTo(email), scenarios.mailsTo(sent.email)]).toEqual([
        'dropped',
        0,
        1,
      ]);
    },
    'is open only to callers who may invite there': async (scenarios) => {
      const { id, place, token } = await scenarios.invited(await scenarios.place());
      await scenarios.giveWork(scenarios.inviter, scenarios.invitationType.mayNotInvite, place);
      expect(
        await codesOf(
          scenarios.revoking(id, scenarios.inviter.api),
          scenarios.revoking(id, scenarios.somebodyElse.api),
          scenarios.reading(token),
        ),
      ).toEqual([
        scenarios.invitationType.mayNotInviteSees ? '403 forbidden' : '404 not-found',
        '404 not-found',
        '200',
      ]);
    },
  },

  expire: {
    'happens at the end, not a millisecond before, for every query and every command': async (scenarios) => {
      const invited = await scenarios.invited(await scenarios.place(), scenarios.invitee.email, {
        expiresIn: scenarios.invitationType.windows[0]!,
      });
      const { id, token, place } = invited;
      const look = async () => ({
        link: await codesOf(scenarios.reading(token)),
        one: (await scenarios.one(id)).state,
        own: (await scenarios.own()).includes(id),
        lists: [
          await scenarios.listed(place),
          await scenarios.listed(place, '?state=pending'),
          await scenarios.listed(place, '?state=expired'),
        ],
      });
      scenarios.clock.set(invited.expiresAt, -1);
      expect(await look()).toEqual({
        link: ['200'],
        one: 'pending',
        own: true,
        lists: [[`${id} pending`], [`${id} pending`], []],
      });
      scenarios.clock.set(invited.expiresAt);
      const over = {
        link: ['410 invitation-expired'],
        one: 'expired',
        own: false,
        lists: [[`${id} expired`], [], [`${id} expired`]],
      };
      const answers = async () =>
        codesOf(
          scenarios.accepting(token, scenarios.invitee.api),
          scenarios.accepting(token),
          scenarios.declining(token),
          scenarios.declining(token, scenarios.invitee.api),
          scenarios.answeringOwn(id, 'accept'),
          scenarios.answeringOwn(id, 'decline'),
        );
      expect([await look(), await answers()]).toEqual([over, Array(6).fill('410 invitation-expired')]);
      const { body } = await scenarios.inviting(place, { emails: [invited.email], dryRun: true }).expect(201);
      expect([body.results[0].outcome, await scenarios.recorded(id)]).toEqual(['invited', ['InvitationIssued']]);
      await recordExpiry(scenarios.server);
      await recordExpiry(scenarios.server);
      expect(await scenarios.recorded(id)).toEqual(['InvitationIssued', 'InvitationExpired']);
      expect([await look(), await answers()]).toEqual([over, Array(6).fill('410 invitation-expired')]);
    },
    'does not happen after an acceptance a millisecond before the end': async (scenarios) => {
      const invited = await scenarios.invited(await scenarios.place(), scenarios.invitee.email);
      scenarios.clock.set(invited.expiresAt, -1);
      await scenarios.accepting(invited.token, scenarios.invitee.api).expect(200);
      scenarios.clock.advance(EXPIRY_WINDOWS[scenarios.invitationType.defaultWindow]);
      await recordExpiry(scenarios.server);
      expect([(await scenarios.one(invited.id)).state, await scenarios.recorded(invited.id)]).toEqual([
        'accepted',
        ['InvitationIssued', 'InvitationAccepted'],
      ]);
    },
  },

  'archived scope': {
    'takes no write and no acceptance, shows its invitations, and keeps the pending ones, also below an archived scope':
      async (scenarios) => {
        for (const kind of scenarios.invitationType.places) {
          const place = await scenarios.place(kind);
          for (const archived of place.archivedBy) {
            const invited = await scenarios.invited(place, scenarios.invitee.email);
            const { id, token } = invited;
            await scenarios.server.admin.post(`${archived.path}/archive`).expect(200);
            const before = await scenarios.stored();
            const writes = [
              scenarios.inviting(place),
              scenarios.inviting(place, { dryRun: true }),
              scenarios.previewingImport(place, 'ann@example.test'),
              scenarios.resending(id),
              scenarios.revoking(id),
              scenarios.accepting(token, scenarios.invitee.api),
              scenarios.declining(token),
              scenarios.declining(token, scenarios.invitee.api),
              scenarios.answeringOwn(id, 'accept'),
              scenarios.answeringOwn(id, 'decline'),
            ];
            expect(await codesOf(...writes)).toEqual(writes.map(() => '409 scope-archived'));
            expect([
              await scenarios.stored(),
              await codesOf(scenarios.reading(token)),
              (await scenarios.one(id)).state,
              (await scenarios.own()).includes(id),
            ]).toEqual([before, ['200'], 'pending', true]);
            expect((await scenarios.listed(place, '?state=pending')).includes(`${id} pending`)).toBe(true);
            await scenarios.server.admin.post(`${archived.path}/restore`).expect(200);
            const { body } = await scenarios.accepting(token, scenarios.invitee.api).expect(200);
            await scenarios.idle();
            await scenarios.invitationType.endMembership(scenarios.server, body.membershipId);
          }
        }
      },
    'makes no account': async (scenarios) => {
      const { place, email, token } = await scenarios.invited(await scenarios.place());
      await scenarios.server.admin.post(`${place.archivedBy[0]!.path}/archive`).expect(200);
      const before = await scenarios.stored();
      expect(await codesOf(scenarios.accepting(token))).toEqual(['409 scope-archived']);
      expect([await scenarios.stored(), scenarios.mailsTo(email)]).toEqual([before, 1]);
    },
  },
};
