import { freshEmail } from '../../../support/scenarios.js';
import type { InvitationScenarios } from './invitation-scenarios.js';
import type { InvitedTo, Rules } from './invitation-type.js';
import { wordsOf } from './table.js';

const MOST = 10_000;
const MALFORMED = ['nobody', '', 'a@', '@b.example', 'two@at@signs.example', 'a b@c.example'];

/** Makes a place where `inviter` may invite, and an address for each outcome, in the order of `outcomes`. */
async function everyOutcome(
  scenarios: InvitationScenarios,
): Promise<{ place: InvitedTo; emails: string[]; outcomes: string[]; pendingId: string }> {
  const place = await scenarios.place();
  await scenarios.giveWork(scenarios.inviter, scenarios.invitationType.mayInvite, place);
  await scenarios
    .accepting((await scenarios.invited(place, scenarios.invitee.email)).token, scenarios.invitee.api)
    .expect(200);
  const pending = await scenarios.invited(place);
  const fresh = freshEmail('fresh');
  const cases = [
    [fresh, 'invited'],
    [pending.email, 'already-pending'],
    [scenarios.invitee.email.toUpperCase(), 'already-member'],
    ['no address', 'invalid-email'],
    [` ${fresh.toUpperCase()}`, 'duplicate-in-request'],
    [` ${scenarios.inviter.email.toUpperCase()}`, 'not-allowed'],
  ] as const;
  return {
    place,
    emails: cases.map(([email]) => email),
    outcomes: cases.map(([, outcome]) => outcome),
    pendingId: pending.id,
  };
}

const outcomesOf = (results: { outcome: string }[]): string[] => results.map(({ outcome }) => outcome);

/** The rules of a call's answer and of what it stores. */
export const callRules: Rules = {
  'several addresses per call': {
    'make one invitation each, with the same grant, message and expiry': async (scenarios) => {
      const place = await scenarios.place();
      const emails = [freshEmail(), freshEmail(), freshEmail()];
      const [expiresIn, message] = [scenarios.invitationType.windows[0]!, 'One for all'];
      const { body } = await scenarios
        .inviting(place, { emails, ...scenarios.invitationType.grants[1], expiresIn, message })
        .expect(201);
      expect(body.results).toEqual(
        emails.map((email) => ({ email, outcome: 'invited', invitationId: expect.any(String) })),
      );
      const offers = [];
      for (const email of emails)
        offers.push((await scenarios.reading((await scenarios.server.smtp.mailTo(email)).token).expect(200)).body);
      expect(new Set(offers.map(({ expiresAt }) => expiresAt)).size).toBe(1);
      expect(offers).toEqual(
        emails.map((email) =>
          expect.objectContaining({ ...scenarios.invitationType.grants[1], email, message, scope: place.scope }),
        ),
      );
      expect((await scenarios.listed(place, '?state=pending')).length).toBe(3);
    },
    'are at most 10,000 and at least one': async (scenarios) => {
      const place = await scenarios.place();
      const emails = Array.from({ length: MOST + 1 }, (_, n) => `many-${String(n)}@example.test`);
      const before = await scenarios.stored();
      const { body } = await scenarios.inviting(place, { emails: emails.slice(1), dryRun: true }).expect(201);
      expect([body.results.length, body.summary.invited]).toEqual([MOST, MOST]);
      expect((await scenarios.inviting(place, { emails }).expect(422)).body.code).toBe('too-many-recipients');
      expect((await scenarios.inviting(place, { emails: [] }).expect(400)).body.errors).toMatchObject([
        { field: 'emails' },
      ]);
      expect(await scenarios.stored()).toEqual(before);
    },
    'are open only to callers who may invite there, in a dry run too': async (scenarios) => {
      const place = await scenarios.place();
      await scenarios.giveWork(scenarios.inviter, scenarios.invitationType.mayNotInvite, place);
      const before = await scenarios.stored();
      for (const dryRun of [false, true]) {
        expect((await scenarios.inviting(place, { by: scenarios.inviter.api, dryRun }).expect(403)).body.code).toBe(
          'forbidden',
        );
        expect(
          (await scenarios.inviting(place, { by: scenarios.somebodyElse.api, dryRun }).expect(404)).body.code,
        ).toBe('not-found');
        expect(
          (await scenarios.inviting(place, { by: scenarios.server.anonymous, dryRun }).expect(401)).body.code,
        ).toBe('unauthenticated');
      }
      expect(await scenarios.stored()).toEqual(before);
    },
  },

  outcomes: {
    'are given for each address, in the order and the spelling of the call, and counted in the summary': async (
      scenarios,
    ) => {
      const { place, emails, outcomes, pendingId } = await everyOutcome(scenarios);
      const { body } = await scenarios.inviting(place, { by: scenarios.inviter.api, emails }).expect(201);
      const ids: Record<string, unknown> = {
        invited: { invitationId: expect.any(String) },
        'already-pending': scenarios.invitationType.mayInviteIdentifies
          ? { invitationId: pendingId, ...scenarios.invitationType.offered }
          : {},
      };
      expect(body.results).toEqual(
        emails.map((email, n) => ({ email, outcome: outcomes[n], ...(ids[outcomes[n]!] as object | undefined) })),
      );
      expect(body.summary).toEqual(Object.fromEntries(wordsOf('outcomes').map((outcome) => [outcome, 1])));
    },
    'name a pending invitation only to its inviter and to callers who may see invited people': async (scenarios) => {
      const place = await scenarios.place();
      const [others, own] = [freshEmail('others'), freshEmail('own')];
      await scenarios.invited(place, others);
      await scenarios.giveWork(scenarios.inviter, scenarios.invitationType.mayInvite, place);
      const { id } = await scenarios.invited(place, own, { by: scenarios.inviter.api });
      // A resend by another person changes nothing here, because the inviter knew the address.
      await scenarios.resending(id).expect(200);
      const call = { emails: [others, own], ...scenarios.invitationType.grants[1] };
      const named = {
        outcome: 'already-pending',
        invitationId: expect.any(String),
        ...scenarios.invitationType.offered,
      };
      for (const [by, seesAll] of [
        [scenarios.inviter.api, scenarios.invitationType.mayInviteIdentifies],
        [scenarios.server.admin, true],
      ] as const) {
        const wanted = [
          { email: others, ...(seesAll ? named : { outcome: 'already-pending' }) },
          { email: own, ...named, invitationId: id },
        ];
        expect((await scenarios.inviting(place, { by, ...call }).expect(201)).body.results).toEqual(wanted);
        expect((await scenarios.inviting(place, { by, ...call, emails: [others] }).expect(201)).body.results).toEqual([
          wanted[0],
        ]);
        expect((await scenarios.inviting(place, { by, ...call, dryRun: true }).expect(201)).body.results).toEqual(
          wanted,
        );
        expect(
          (
            await scenarios
              .inviting(place, { by, ...call, emails: [others, own, 'nobody'], mode: 'atomic' })
              .expect(422)
          ).body.results.slice(0, 2),
        ).toEqual(wanted);
        expect(
          (await scenarios.previewingImport(place, `E-mail\n${others}\n${own}\n`, by).expect(200)).body.recipients,
        ).toEqual(wanted.map((recipient, n) => ({ line: n + 2, ...recipient })));
      }
    },
    'include a malformed address, which is no 400 and is not stored': async (scenarios) => {
      const place = await scenarios.place();
      const before = await scenarios.stored();
      const { body } = await scenarios.inviting(place, { emails: MALFORMED }).expect(201);
      expect(body.results).toEqual(MALFORMED.map((email) => ({ email, outcome: 'invalid-email' })));
      expect([body.summary['invalid-email'], await scenarios.stored()]).toEqual([MALFORMED.length, before]);
    },
  },

  '`mode`': {
    'partial is the default and invites the valid addresses': async (scenarios) => {
      for (const mode of [{}, { mode: 'partial' }]) {
        const emails = ['nobody', freshEmail()];
        expect(
          outcomesOf((await scenarios.inviting(await scenarios.place(), { emails, ...mode }).expect(201)).body.results),
        ).toEqual(['invalid-email', 'invited']);
        await scenarios.server.smtp.mailTo(emails[1]!);
      }
    },
    'atomic refuses a call with one invalid or not allowed address, and stores and sends nothing': async (
      scenarios,
    ) => {
      const { place, emails, outcomes } = await everyOutcome(scenarios);
      const before = await scenarios.stored();
      for (const bad of ['invalid-email', 'not-allowed']) {
        const kept = emails.filter(
          (_, n) => outcomes[n] === bad || !['invalid-email', 'not-allowed'].includes(outcomes[n]!),
        );
        const { body } = await scenarios
          .inviting(place, { by: scenarios.inviter.api, emails: kept, mode: 'atomic' })
          .expect(422);
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
      expect([await scenarios.stored(), scenarios.mailsTo(emails[0]!)]).toEqual([before, 0]);
    },
    'atomic invites beside pending people, members and duplicates': async (scenarios) => {
      const { place, emails, outcomes } = await everyOutcome(scenarios);
      const { body } = await scenarios
        .inviting(place, {
          by: scenarios.inviter.api,
          emails: [emails[0]!, emails[1]!, emails[2]!, emails[4]!],
          mode: 'atomic',
        })
        .expect(201);
      expect(outcomesOf(body.results)).toEqual([outcomes[0], outcomes[1], outcomes[2], outcomes[4]]);
      await scenarios.server.smtp.mailTo(emails[0]!);
    },
  },

  '`dryRun`': {
    'gives the answer of the real call, and stores and sends nothing': async (scenarios) => {
      const { place, emails, pendingId } = await everyOutcome(scenarios);
      const before = await scenarios.stored();
      const dry = (await scenarios.inviting(place, { by: scenarios.inviter.api, emails, dryRun: true }).expect(201))
        .body;
      expect(dry.results.filter((result: object) => 'invitationId' in result)).toEqual(
        scenarios.invitationType.mayInviteIdentifies
          ? [
              {
                email: emails[1],
                outcome: 'already-pending',
                invitationId: pendingId,
                ...scenarios.invitationType.offered,
              },
            ]
          : [],
      );
      expect([await scenarios.stored(), scenarios.mailsTo(emails[0]!)]).toEqual([before, 0]);
      const real = (await scenarios.inviting(place, { by: scenarios.inviter.api, emails }).expect(201)).body;
      expect(dry.summary).toEqual(real.summary);
      expect(outcomesOf(dry.results)).toEqual(outcomesOf(real.results));
    },
    'is refused in atomic mode as the real call is, with every outcome': async (scenarios) => {
      const { place, emails, outcomes } = await everyOutcome(scenarios);
      const before = await scenarios.stored();
      const call = { by: scenarios.inviter.api, emails, mode: 'atomic' };
      const [dry, real] = [
        (await scenarios.inviting(place, { ...call, dryRun: true }).expect(422)).body,
        (await scenarios.inviting(place, call).expect(422)).body,
      ];
      expect({ ...dry, requestId: '' }).toEqual({ ...real, requestId: '' });
      expect([dry.code, outcomesOf(dry.results)]).toEqual(['atomic-refused', outcomes]);
      const good = emails.filter((_, n) => !['invalid-email', 'not-allowed'].includes(outcomes[n]!));
      expect(
        (await scenarios.inviting(place, { ...call, emails: good, dryRun: true }).expect(201)).body.summary,
      ).toMatchObject({ invited: 1, 'already-pending': 1 });
      expect([await scenarios.stored(), scenarios.mailsTo(emails[0]!)]).toEqual([before, 0]);
    },
  },

  import: {
    'previews a CSV and a text file by line, and stores and sends nothing': async (scenarios) => {
      const { place, emails, outcomes } = await everyOutcome(scenarios);
      const found = emails.flatMap((email, n) =>
        outcomes[n] === 'invalid-email' ? [] : [{ email: email.trim(), outcome: outcomes[n] }],
      );
      const before = await scenarios.stored();
      for (const [file, first] of [
        [`E-mail,Name\n${emails.join(',Somebody\n')},Somebody\n`, 2],
        [emails.join('\n'), 1],
      ] as const) {
        const { body } = await scenarios.previewingImport(place, file, scenarios.inviter.api).expect(200);
        expect(body.recipients.map(({ email, outcome }: Record<string, string>) => ({ email, outcome }))).toEqual(
          found,
        );
        expect(body.problems).toMatchObject([{ line: first + outcomes.indexOf('invalid-email') }]);
        expect([body.recipients[0].line, body.summary.invited, body.summary['not-allowed']]).toEqual([first, 1, 1]);
      }
      expect([await scenarios.stored(), scenarios.mailsTo(emails[0]!)]).toEqual([before, 0]);
    },
    'is open only to callers who may invite there': async (scenarios) => {
      const place = await scenarios.place();
      await scenarios.giveWork(scenarios.inviter, scenarios.invitationType.mayNotInvite, place);
      expect((await scenarios.previewingImport(place, freshEmail(), scenarios.inviter.api).expect(403)).body.code).toBe(
        'forbidden',
      );
      expect(
        (await scenarios.previewingImport(place, freshEmail(), scenarios.somebodyElse.api).expect(404)).body.code,
      ).toBe('not-found');
    },
  },
};
