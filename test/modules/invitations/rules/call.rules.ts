import { freshEmail } from '../../../support/scenarios.js';
import type { InvitationScenarios } from './invitation-scenarios.js';
import type { InvitedTo, Rules } from './invitation-type.js';
import { wordsOf } from './table.js';

const MOST = 10_000;
const MALFORMED = ['nobody', '', 'a@', '@b.example', 'two@at@signs.example', 'a b@c.example'];

/** One address for each outcome, in this order, in a place of its own where `inviter` may invite. */
async function everyOutcome(
  w: InvitationScenarios,
): Promise<{ place: InvitedTo; emails: string[]; outcomes: string[]; pendingId: string }> {
  const place = await w.place();
  await w.giveWork(w.inviter, w.context.mayInvite, place);
  await w.accepting((await w.invited(place, w.invitee.email)).token, w.invitee.api).expect(200);
  const pending = await w.invited(place);
  const fresh = freshEmail('fresh');
  const cases = [
    [fresh, 'invited'],
    [pending.email, 'already-pending'],
    [w.invitee.email.toUpperCase(), 'already-member'],
    ['no address', 'invalid-email'],
    [` ${fresh.toUpperCase()}`, 'duplicate-in-request'],
    [` ${w.inviter.email.toUpperCase()}`, 'not-allowed'],
  ] as const;
  return {
    place,
    emails: cases.map(([email]) => email),
    outcomes: cases.map(([, outcome]) => outcome),
    pendingId: pending.id,
  };
}

const outcomesOf = (results: { outcome: string }[]): string[] => results.map(({ outcome }) => outcome);

/** What a call answers, and what it leaves behind. */
export const callRules: Rules = {
  'several addresses per call': {
    'one grant, one message and one expiry for all, and an invitation of its own for each': async (w) => {
      const place = await w.place();
      const emails = [freshEmail(), freshEmail(), freshEmail()];
      const [expiresIn, message] = [w.context.windows[0]!, 'One for all'];
      const { body } = await w.inviting(place, { emails, ...w.context.grants[1], expiresIn, message }).expect(201);
      expect(body.results).toEqual(
        emails.map((email) => ({ email, outcome: 'invited', invitationId: expect.any(String) })),
      );
      const offers = [];
      for (const email of emails)
        offers.push((await w.reading((await w.server.smtp.mailTo(email)).token).expect(200)).body);
      expect(new Set(offers.map(({ expiresAt }) => expiresAt)).size).toBe(1);
      expect(offers).toEqual(
        emails.map((email) => expect.objectContaining({ ...w.context.grants[1], email, message, scope: place.scope })),
      );
      expect((await w.listed(place, '?state=pending')).length).toBe(3);
    },
    '10,000 are taken, one more is refused; none is too few': async (w) => {
      const place = await w.place();
      const emails = Array.from({ length: MOST + 1 }, (_, n) => `many-${String(n)}@example.test`);
      const before = await w.stored();
      const { body } = await w.inviting(place, { emails: emails.slice(1), dryRun: true }).expect(201);
      expect([body.results.length, body.summary.invited]).toEqual([MOST, MOST]);
      expect((await w.inviting(place, { emails }).expect(422)).body.code).toBe('too-many-recipients');
      expect((await w.inviting(place, { emails: [] }).expect(400)).body.errors).toMatchObject([{ field: 'emails' }]);
      expect(await w.stored()).toEqual(before);
    },
    'is for those who may invite there alone, a dry run too': async (w) => {
      const place = await w.place();
      await w.giveWork(w.inviter, w.context.mayNotInvite, place);
      const before = await w.stored();
      for (const dryRun of [false, true]) {
        expect((await w.inviting(place, { by: w.inviter.api, dryRun }).expect(403)).body.code).toBe('forbidden');
        expect((await w.inviting(place, { by: w.somebodyElse.api, dryRun }).expect(404)).body.code).toBe('not-found');
        expect((await w.inviting(place, { by: w.server.nobody, dryRun }).expect(401)).body.code).toBe(
          'unauthenticated',
        );
      }
      expect(await w.stored()).toEqual(before);
    },
  },

  outcomes: {
    'each address gets its own, in the order of the call, spelt as in the call; the summary counts them': async (w) => {
      const { place, emails, outcomes, pendingId } = await everyOutcome(w);
      const { body } = await w.inviting(place, { by: w.inviter.api, emails }).expect(201);
      const ids: Record<string, unknown> = {
        invited: { invitationId: expect.any(String) },
        'already-pending': w.context.mayInviteIdentifies ? { invitationId: pendingId, ...w.context.offered } : {},
      };
      expect(body.results).toEqual(
        emails.map((email, n) => ({ email, outcome: outcomes[n], ...(ids[outcomes[n]!] as object | undefined) })),
      );
      expect(body.summary).toEqual(Object.fromEntries(wordsOf('outcomes').map((outcome) => [outcome, 1])));
    },
    'a pending one is named, with what it offers, to who may see who is invited and to who invited them alone; in dry runs, reviews and refusals too':
      async (w) => {
        const place = await w.place();
        const [others, own] = [freshEmail('others'), freshEmail('own')];
        await w.invited(place, others);
        await w.giveWork(w.inviter, w.context.mayInvite, place);
        const { id } = await w.invited(place, own, { by: w.inviter.api });
        // Sent again by somebody else it stays theirs, who knew the address.
        await w.resending(id).expect(200);
        const call = { emails: [others, own], ...w.context.grants[1] };
        const named = { outcome: 'already-pending', invitationId: expect.any(String), ...w.context.offered };
        for (const [by, seesAll] of [
          [w.inviter.api, w.context.mayInviteIdentifies],
          [w.server.admin, true],
        ] as const) {
          const wanted = [
            { email: others, ...(seesAll ? named : { outcome: 'already-pending' }) },
            { email: own, ...named, invitationId: id },
          ];
          expect((await w.inviting(place, { by, ...call }).expect(201)).body.results).toEqual(wanted);
          expect((await w.inviting(place, { by, ...call, emails: [others] }).expect(201)).body.results).toEqual([
            wanted[0],
          ]);
          expect((await w.inviting(place, { by, ...call, dryRun: true }).expect(201)).body.results).toEqual(wanted);
          expect(
            (
              await w.inviting(place, { by, ...call, emails: [others, own, 'nobody'], mode: 'atomic' }).expect(422)
            ).body.results.slice(0, 2),
          ).toEqual(wanted);
          expect(
            (await w.previewingImport(place, `E-mail\n${others}\n${own}\n`, by).expect(200)).body.recipients,
          ).toEqual(wanted.map((recipient, n) => ({ line: n + 2, ...recipient })));
        }
      },
    'a malformed address is an outcome, not a 400, and nothing is recorded of it': async (w) => {
      const place = await w.place();
      const before = await w.stored();
      const { body } = await w.inviting(place, { emails: MALFORMED }).expect(201);
      expect(body.results).toEqual(MALFORMED.map((email) => ({ email, outcome: 'invalid-email' })));
      expect([body.summary['invalid-email'], await w.stored()]).toEqual([MALFORMED.length, before]);
    },
  },

  '`mode`': {
    'partial, which is the default, sends the good ones': async (w) => {
      for (const mode of [{}, { mode: 'partial' }]) {
        const emails = ['nobody', freshEmail()];
        expect(outcomesOf((await w.inviting(await w.place(), { emails, ...mode }).expect(201)).body.results)).toEqual([
          'invalid-email',
          'invited',
        ]);
        await w.server.smtp.mailTo(emails[1]!);
      }
    },
    'atomic refuses the call for one invalid or not allowed address, with every outcome; nothing is stored or sent':
      async (w) => {
        const { place, emails, outcomes } = await everyOutcome(w);
        const before = await w.stored();
        for (const bad of ['invalid-email', 'not-allowed']) {
          const kept = emails.filter(
            (_, n) => outcomes[n] === bad || !['invalid-email', 'not-allowed'].includes(outcomes[n]!),
          );
          const { body } = await w.inviting(place, { by: w.inviter.api, emails: kept, mode: 'atomic' }).expect(422);
          const wanted = outcomes.filter(
            (outcome) => outcome === bad || !['invalid-email', 'not-allowed'].includes(outcome),
          );
          expect([
            body.code,
            outcomesOf(body.results),
            body.results.map(({ email }: { email: string }) => email),
            body.summary[bad],
          ]).toEqual(['atomic-refused', wanted, kept, 1]);
        }
        expect([await w.stored(), w.mailsTo(emails[0]!)]).toEqual([before, 0]);
      },
    'atomic invites where there is no such address, also beside pending ones, members and duplicates': async (w) => {
      const { place, emails, outcomes } = await everyOutcome(w);
      const { body } = await w
        .inviting(place, {
          by: w.inviter.api,
          emails: [emails[0]!, emails[1]!, emails[2]!, emails[4]!],
          mode: 'atomic',
        })
        .expect(201);
      expect(outcomesOf(body.results)).toEqual([outcomes[0], outcomes[1], outcomes[2], outcomes[4]]);
      await w.server.smtp.mailTo(emails[0]!);
    },
  },

  '`dryRun`': {
    'gives the same answer; nothing is stored or sent, nobody is recorded': async (w) => {
      const { place, emails, pendingId } = await everyOutcome(w);
      const before = await w.stored();
      const dry = (await w.inviting(place, { by: w.inviter.api, emails, dryRun: true }).expect(201)).body;
      expect(dry.results.filter((result: object) => 'invitationId' in result)).toEqual(
        w.context.mayInviteIdentifies
          ? [{ email: emails[1], outcome: 'already-pending', invitationId: pendingId, ...w.context.offered }]
          : [],
      );
      expect([await w.stored(), w.mailsTo(emails[0]!)]).toEqual([before, 0]);
      const real = (await w.inviting(place, { by: w.inviter.api, emails }).expect(201)).body;
      expect(dry.summary).toEqual(real.summary);
      expect(outcomesOf(dry.results)).toEqual(outcomesOf(real.results));
    },
    'refuses in atomic mode what the call would be refused for, with every outcome': async (w) => {
      const { place, emails, outcomes } = await everyOutcome(w);
      const before = await w.stored();
      const call = { by: w.inviter.api, emails, mode: 'atomic' };
      const [dry, real] = [
        (await w.inviting(place, { ...call, dryRun: true }).expect(422)).body,
        (await w.inviting(place, call).expect(422)).body,
      ];
      expect({ ...dry, requestId: '' }).toEqual({ ...real, requestId: '' });
      expect([dry.code, outcomesOf(dry.results)]).toEqual(['atomic-refused', outcomes]);
      const good = emails.filter((_, n) => !['invalid-email', 'not-allowed'].includes(outcomes[n]!));
      expect((await w.inviting(place, { ...call, emails: good, dryRun: true }).expect(201)).body.summary).toMatchObject(
        { invited: 1, 'already-pending': 1 },
      );
      expect([await w.stored(), w.mailsTo(emails[0]!)]).toEqual([before, 0]);
    },
  },

  import: {
    'reviews a CSV and a text file: what inviting each address would come to, by its line; stores and sends nothing':
      async (w) => {
        const { place, emails, outcomes } = await everyOutcome(w);
        const found = emails.flatMap((email, n) =>
          outcomes[n] === 'invalid-email' ? [] : [{ email: email.trim(), outcome: outcomes[n] }],
        );
        const before = await w.stored();
        for (const [file, first] of [
          [`E-mail,Name\n${emails.join(',Somebody\n')},Somebody\n`, 2],
          [emails.join('\n'), 1],
        ] as const) {
          const { body } = await w.previewingImport(place, file, w.inviter.api).expect(200);
          expect(body.recipients.map(({ email, outcome }: Record<string, string>) => ({ email, outcome }))).toEqual(
            found,
          );
          expect(body.problems).toMatchObject([{ line: first + outcomes.indexOf('invalid-email') }]);
          expect([body.recipients[0].line, body.summary.invited, body.summary['not-allowed']]).toEqual([first, 1, 1]);
        }
        expect([await w.stored(), w.mailsTo(emails[0]!)]).toEqual([before, 0]);
      },
    'is for those who may invite there alone': async (w) => {
      const place = await w.place();
      await w.giveWork(w.inviter, w.context.mayNotInvite, place);
      expect((await w.previewingImport(place, freshEmail(), w.inviter.api).expect(403)).body.code).toBe('forbidden');
      expect((await w.previewingImport(place, freshEmail(), w.somebodyElse.api).expect(404)).body.code).toBe(
        'not-found',
      );
    },
  },
};
