import { EXPIRY_WINDOWS, expiryOf } from '../../../../src/modules/invitations/domain/expiry-windows.js';
import { freshEmail } from '../../../support/scenarios.js';
import { DAY, codesOf } from './invitation-scenarios.js';
import type { InvitationType, Rules } from './invitation-type.js';
import { wordsOf } from './table.js';

const AT_ONCE = 10;

/** How often and for how long somebody is invited. */
export function issueRules({ expiryRule }: InvitationType): Rules {
  return {
    'one pending invitation per e-mail and scope': {
      'inviting again, with another grant, window and spelling, names the pending one and changes nothing': async (
        w,
      ) => {
        for (const kind of w.context.places) {
          const first = await w.invited(await w.place(kind));
          const before = await w.one(first.id);
          const written = ` ${first.email.toUpperCase()}`;
          const { body } = await w
            .inviting(first.place, { ...w.context.grants[1], emails: [written], expiresIn: w.context.windows[0]! })
            .expect(201);
          expect(body.results).toEqual([
            { email: written, outcome: 'already-pending', invitationId: first.id, ...w.context.offered },
          ]);
          expect(await w.one(first.id)).toEqual(before);
          expect([await w.listed(first.place), w.mailsTo(first.email)]).toEqual([[`${first.id} pending`], 1]);
        }
      },
      'concurrent calls make one invitation and one mail, the first time and after it expired': async (w) => {
        const place = await w.place();
        const email = freshEmail('wanted');
        const seen = new Set<string>();
        for (const round of [1, 2]) {
          const answers = await Promise.all(
            Array.from({ length: AT_ONCE }, () => w.inviting(place, { emails: [email] }).expect(201)),
          );
          const results = answers.map(({ body }) => body.results[0] as { outcome: string; invitationId: string });
          expect(results.map(({ outcome }) => outcome).sort()).toEqual([
            ...Array<string>(AT_ONCE - 1).fill('already-pending'),
            'invited',
          ]);
          for (const { invitationId } of results) seen.add(invitationId);
          await w.idle();
          expect([seen.size, w.mailsTo(email)]).toEqual([round, round]);
          w.clock.advance(EXPIRY_WINDOWS[w.context.defaultWindow]);
          await w.idle();
        }
      },
      'an expired one is followed by a new one with another id; the old one can not be resent, its link is superseded':
        async (w) => {
          const old = await w.invited(await w.place());
          w.clock.set(old.expiresAt);
          const next = await w.invited(old.place, old.email, w.context.grants[1]);
          expect(next.id).not.toBe(old.id);
          expect(await codesOf(w.resending(old.id), w.reading(old.token), w.reading(next.token))).toEqual([
            '409 not-resendable',
            '410 invitation-superseded',
            '200',
          ]);
          expect(await w.one(next.id)).toMatchObject({ ...w.context.grants[1], state: 'pending' });
          expect((await w.listed(old.place)).sort()).toEqual([`${old.id} expired`, `${next.id} pending`].sort());
        },
      'a declined or revoked one, and a membership that ended, are followed by a new one': async (w) => {
        const [declined, revoked] = [await w.invited(await w.place()), await w.invited(await w.place())];
        await w.declining(declined.token).expect(204);
        await w.revoking(revoked.id).expect(204);
        const accepted = await w.invited(await w.place(), w.invitee.email);
        const { body } = await w.accepting(accepted.token, w.invitee.api).expect(200);
        await w.idle();
        await w.context.endMembership(w.server, body.membershipId);
        for (const old of [declined, revoked, accepted]) {
          const next = await w.invited(old.place, old.email);
          expect([next.id === old.id, ...(await codesOf(w.reading(old.token), w.reading(next.token)))]).toEqual([
            false,
            '410 invitation-superseded',
            '200',
          ]);
        }
      },
      'the same address has an invitation of its own in each scope': async (w) => {
        const [here, there] = [
          await w.invited(await w.place(), w.invitee.email),
          await w.invited(await w.place(), w.invitee.email),
        ];
        await w.declining(here.token).expect(204);
        expect([here.id === there.id, await w.listed(here.place), await w.listed(there.place)]).toEqual([
          false,
          [`${here.id} declined`],
          [`${there.id} pending`],
        ]);
      },
    },

    [expiryRule]: {
      'the windows and the default are those of the table': async ({ context }) => {
        expect(wordsOf(expiryRule)).toEqual([...context.windows, context.defaultWindow]);
        return Promise.resolve();
      },
      'each window ends that long after the call, the default when none is named': async (w) => {
        for (const expiresIn of [...w.context.windows, undefined]) {
          const { id, expiresAt, token } = await w.invited(await w.place(), undefined, expiresIn ? { expiresIn } : {});
          const wanted = expiryOf(expiresIn ?? w.context.defaultWindow, w.clock.now());
          expect([expiresAt, (await w.one(id)).expiresAt, (await w.reading(token).expect(200)).body.expiresAt]).toEqual(
            [wanted, wanted, wanted],
          );
        }
      },
      'every other window is refused: inviting, a dry run, a resend': async (w) => {
        const { id, place } = await w.invited(await w.place());
        const before = await w.stored();
        const others = Object.keys(EXPIRY_WINDOWS).filter((window) => !w.context.windows.some((own) => own === window));
        for (const expiresIn of [...others, '7D', '1d', '', 7, null]) {
          for (const call of [
            w.inviting(place, { expiresIn }),
            w.inviting(place, { expiresIn, dryRun: true }),
            w.resending(id, { expiresIn }),
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
        expect(await w.stored()).toEqual(before);
      },
    },

    reminder: {
      'comes 2 days before the end of every window of at least 4 days, once, with the same link and end; for no shorter one':
        async (w) => {
          for (const expiresIn of w.context.windows) {
            const invited = await w.invited(await w.place(), undefined, { expiresIn });
            if (EXPIRY_WINDOWS[expiresIn] >= 4 * DAY) {
              w.clock.set(invited.expiresAt, -2 * DAY - 1);
              await w.idle();
              expect(w.mailsTo(invited.email)).toBe(1);
              w.clock.set(invited.expiresAt, -2 * DAY);
              expect((await w.server.smtp.mailTo(invited.email, 2)).token).toBe(invited.token);
              expect(await w.one(invited.id)).toMatchObject({ state: 'pending', expiresAt: invited.expiresAt });
            }
            w.clock.set(invited.expiresAt, -1);
            await w.idle();
            expect([expiresIn, w.mailsTo(invited.email)]).toEqual([
              expiresIn,
              EXPIRY_WINDOWS[expiresIn] >= 4 * DAY ? 2 : 1,
            ]);
            await w.reading(invited.token).expect(200);
          }
        },
      'is one per issue: that of a resend comes by the new end, with the new link; the old one never': async (w) => {
        const [expiresIn] = w.context.windows.filter((window) => EXPIRY_WINDOWS[window] >= 4 * DAY);
        const first = await w.invited(await w.place(), undefined, { expiresIn: expiresIn! });
        w.clock.advance(DAY);
        const second = await w.resent(first);
        w.clock.set(second.expiresAt, -2 * DAY - 1);
        await w.idle();
        expect(w.mailsTo(first.email)).toBe(2);
        w.clock.set(second.expiresAt, -2 * DAY);
        const { token, subject } = await w.server.smtp.mailTo(first.email, 3);
        expect([token === second.token, subject.includes('Reminder')]).toEqual([true, true]);
        w.clock.set(second.expiresAt, -1);
        await w.idle();
        expect(w.mailsTo(first.email)).toBe(3);
      },
    },
  };
}
