import { EXPIRY_WINDOWS, expiryOf } from '../../../../src/modules/invitations/domain/expiry-windows.js';
import { freshEmail } from '../../../support/scenarios.js';
import { DAY, codesOf } from './invitation-scenarios.js';
import type { InvitationType, Rules } from './invitation-type.js';
import { wordsOf } from './table.js';

const AT_ONCE = 10;

/** The rules of repeated invitations, windows and reminders. */
export function issueRules({ expiryRule }: InvitationType): Rules {
  return {
    'one pending invitation per e-mail and scope': {
      'is named and not changed by a second call with another grant, window and spelling': async (scenarios) => {
        for (const kind of scenarios.invitationType.places) {
          const first = await scenarios.invited(await scenarios.place(kind));
          const before = await scenarios.one(first.id);
          const written = ` ${first.email.toUpperCase()}`;
          const { body } = await scenarios
            .inviting(first.place, {
              ...scenarios.invitationType.grants[1],
              emails: [written],
              expiresIn: scenarios.invitationType.windows[0]!,
            })
            .expect(201);
          expect(body.results).toEqual([
            { email: written, outcome: 'already-pending', invitationId: first.id, ...scenarios.invitationType.offered },
          ]);
          expect(await scenarios.one(first.id)).toEqual(before);
          expect([await scenarios.listed(first.place), scenarios.mailsTo(first.email)]).toEqual([
            [`${first.id} pending`],
            1,
          ]);
        }
      },
      'is made once, with one mail, by concurrent calls, also after an expiry': async (scenarios) => {
        const place = await scenarios.place();
        const email = freshEmail('wanted');
        const seen = new Set<string>();
        for (const round of [1, 2]) {
          const answers = await Promise.all(
            Array.from({ length: AT_ONCE }, () => scenarios.inviting(place, { emails: [email] }).expect(201)),
          );
          const results = answers.map(({ body }) => body.results[0] as { outcome: string; invitationId: string });
          expect(results.map(({ outcome }) => outcome).sort()).toEqual([
            ...Array<string>(AT_ONCE - 1).fill('already-pending'),
            'invited',
          ]);
          for (const { invitationId } of results) seen.add(invitationId);
          await scenarios.idle();
          expect([seen.size, scenarios.mailsTo(email)]).toEqual([round, round]);
          scenarios.clock.advance(EXPIRY_WINDOWS[scenarios.invitationType.defaultWindow]);
          await scenarios.idle();
        }
      },
      'replaces an expired one with another id, so the old one cannot be resent and its link is superseded': async (
        scenarios,
      ) => {
        const old = await scenarios.invited(await scenarios.place());
        scenarios.clock.set(old.expiresAt);
        const next = await scenarios.invited(old.place, old.email, scenarios.invitationType.grants[1]);
        expect(next.id).not.toBe(old.id);
        expect(
          await codesOf(scenarios.resending(old.id), scenarios.reading(old.token), scenarios.reading(next.token)),
        ).toEqual(['409 not-resendable', '410 invitation-superseded', '200']);
        expect(await scenarios.one(next.id)).toMatchObject({
          ...scenarios.invitationType.grants[1],
          state: 'pending',
        });
        expect((await scenarios.listed(old.place)).sort()).toEqual([`${old.id} expired`, `${next.id} pending`].sort());
      },
      'can follow a declined or revoked one and an ended membership': async (scenarios) => {
        const [declined, revoked] = [
          await scenarios.invited(await scenarios.place()),
          await scenarios.invited(await scenarios.place()),
        ];
        await scenarios.declining(declined.token).expect(204);
        await scenarios.revoking(revoked.id).expect(204);
        const accepted = await scenarios.invited(await scenarios.place(), scenarios.invitee.email);
        const { body } = await scenarios.accepting(accepted.token, scenarios.invitee.api).expect(200);
        await scenarios.idle();
        await scenarios.invitationType.endMembership(scenarios.server, body.membershipId);
        for (const old of [declined, revoked, accepted]) {
          const next = await scenarios.invited(old.place, old.email);
          expect([
            next.id === old.id,
            ...(await codesOf(scenarios.reading(old.token), scenarios.reading(next.token))),
          ]).toEqual([false, '410 invitation-superseded', '200']);
        }
      },
      'does not affect the same address in another scope': async (scenarios) => {
        const [here, there] = [
          await scenarios.invited(await scenarios.place(), scenarios.invitee.email),
          await scenarios.invited(await scenarios.place(), scenarios.invitee.email),
        ];
        await scenarios.declining(here.token).expect(204);
        expect([here.id === there.id, await scenarios.listed(here.place), await scenarios.listed(there.place)]).toEqual(
          [false, [`${here.id} declined`], [`${there.id} pending`]],
        );
      },
    },

    [expiryRule]: {
      'has the windows and the default of the table': async ({ invitationType }) => {
        expect(wordsOf(expiryRule)).toEqual([...invitationType.windows, invitationType.defaultWindow]);
        return Promise.resolve();
      },
      'comes after the window of the call, or after the default window': async (scenarios) => {
        for (const expiresIn of [...scenarios.invitationType.windows, undefined]) {
          const { id, expiresAt, token } = await scenarios.invited(
            await scenarios.place(),
            undefined,
            expiresIn ? { expiresIn } : {},
          );
          const wanted = expiryOf(expiresIn ?? scenarios.invitationType.defaultWindow, scenarios.clock.now());
          expect([
            expiresAt,
            (await scenarios.one(id)).expiresAt,
            (await scenarios.reading(token).expect(200)).body.expiresAt,
          ]).toEqual([wanted, wanted, wanted]);
        }
      },
      'is refused with any other window, by an invitation, a dry run and a resend': async (scenarios) => {
        const { id, place } = await scenarios.invited(await scenarios.place());
        const before = await scenarios.stored();
        const others = Object.keys(EXPIRY_WINDOWS).filter(
          (window) => !scenarios.invitationType.windows.some((own) => own === window),
        );
        for (const expiresIn of [...others, '7D', '1d', '', 7, null]) {
          for (const call of [
            scenarios.inviting(place, { expiresIn }),
            scenarios.inviting(place, { expiresIn, dryRun: true }),
            scenarios.resending(id, { expiresIn }),
          ]) {
            const { status, body } = await call;
            expect({ expiresIn, status, code: body.code, errors: body.errors }).toEqual({
              expiresIn,
              status: 400,
              code: 'invalid-input',
              errors: [expect.objectContaining({ field: 'expiresIn' })],
            });
          }
        }
        expect(await scenarios.stored()).toEqual(before);
      },
    },

    reminder: {
      'is sent once, 2 days before the end, for every window of at least 4 days, with the same link and end': async (
        scenarios,
      ) => {
        for (const expiresIn of scenarios.invitationType.windows) {
          const invited = await scenarios.invited(await scenarios.place(), undefined, { expiresIn });
          if (EXPIRY_WINDOWS[expiresIn] >= 4 * DAY) {
            scenarios.clock.set(invited.expiresAt, -2 * DAY - 1);
            await scenarios.idle();
            expect(scenarios.mailsTo(invited.email)).toBe(1);
            scenarios.clock.set(invited.expiresAt, -2 * DAY);
            expect((await scenarios.server.smtp.mailTo(invited.email, 2)).token).toBe(invited.token);
            expect(await scenarios.one(invited.id)).toMatchObject({ state: 'pending', expiresAt: invited.expiresAt });
          }
          scenarios.clock.set(invited.expiresAt, -1);
          await scenarios.idle();
          expect([expiresIn, scenarios.mailsTo(invited.email)]).toEqual([
            expiresIn,
            EXPIRY_WINDOWS[expiresIn] >= 4 * DAY ? 2 : 1,
          ]);
          await scenarios.reading(invited.token).expect(200);
        }
      },
      'of a resent invitation is sent once, by the new end and with the new link': async (scenarios) => {
        const [expiresIn] = scenarios.invitationType.windows.filter((window) => EXPIRY_WINDOWS[window] >= 4 * DAY);
        const first = await scenarios.invited(await scenarios.place(), undefined, { expiresIn: expiresIn! });
        scenarios.clock.advance(DAY);
        const second = await scenarios.resent(first);
        scenarios.clock.set(second.expiresAt, -2 * DAY - 1);
        await scenarios.idle();
        expect(scenarios.mailsTo(first.email)).toBe(2);
        scenarios.clock.set(second.expiresAt, -2 * DAY);
        const { token, subject } = await scenarios.server.smtp.mailTo(first.email, 3);
        expect([token === second.token, subject.includes('Reminder')]).toEqual([true, true]);
        scenarios.clock.set(second.expiresAt, -1);
        await scenarios.idle();
        expect(scenarios.mailsTo(first.email)).toBe(3);
      },
    },
  };
}
