import { placesOf, tracesInDatabase } from '../../../faults/traces.js';
import { headingOf, Visitor } from '../../portal/portal-support.js';
import { PASSWORD } from '../../../support/test-server.js';
import { freshEmail } from '../../../support/scenarios.js';
import { recordExpiry } from '../time-support.js';
import { DAY, type Invited } from './invitation-scenarios.js';
import type { Rules } from './invitation-type.js';

const LONGEST = 2000;
const MARKUP = '<img src=x onerror="alert(1)"> &amp; {{roleName}} <b>marmalade</b>\nsecond line';
const WORDS = ['marmalade', 'second line', 'onerror'];

/** The rules of mails and their texts. */
export const mailRules: Rules = {
  mails: {
    'are sent once for an invitation, a resend and a reminder, and for nothing else': async (scenarios) => {
      const place = await scenarios.place();
      const { email, id, token } = await scenarios.invited(place);
      await scenarios.inviting(place, { emails: [email, email] }).expect(201);
      await scenarios.inviting(place, { emails: [email], dryRun: true }).expect(201);
      await scenarios.inviting(place, { emails: [email, 'nobody'], mode: 'atomic' }).expect(422);
      await scenarios.previewingImport(place, email).expect(200);
      await scenarios.reading(token).expect(200);
      const second = await scenarios.resent({ email, id, token, place, expiresAt: '' }, { expiresIn: '7d' });
      scenarios.clock.set(second.expiresAt, -2 * DAY);
      await scenarios.server.smtp.mailTo(email, 3);
      const others: Invited[] = [];
      for (let n = 0; n < 4; n += 1) others.push(await scenarios.invited(place, undefined, { expiresIn: '24h' }));
      const [declined, revoked, accepted, expired] = others as [Invited, Invited, Invited, Invited];
      await scenarios.declining(declined.token).expect(204);
      await scenarios.revoking(revoked.id).expect(204);
      const { body } = await scenarios.accepting(accepted.token).expect(200);
      await scenarios.idle();
      await scenarios.invitationType.endMembership(scenarios.server, body.membershipId);
      scenarios.clock.set(expired.expiresAt);
      await recordExpiry(scenarios.server);
      scenarios.clock.advance(400 * DAY);
      await scenarios.idle();
      const subjects = scenarios.server.smtp.to(email).map(({ subject }) => subject);
      expect([
        subjects.length,
        subjects[0] === subjects[1],
        subjects.map((subject) => subject.startsWith('Reminder: ')),
      ]).toEqual([3, true, [false, false, true]]);
      expect(new Set(scenarios.server.smtp.to(email).map(({ messageId }) => messageId)).size).toBe(3);
      expect(others.map((one) => scenarios.mailsTo(one.email))).toEqual([1, 1, 1, 1]);
    },
  },

  'personal message': {
    'is optional': async (scenarios) => {
      const { email, token } = await scenarios.invited(await scenarios.place());
      expect((await scenarios.reading(token).expect(200)).body).not.toHaveProperty('message');
      const [mail] = scenarios.server.smtp.to(email);
      expect([mail!.text.includes('writes:'), mail!.html.includes('<blockquote')]).toEqual([false, false]);
    },
    'has up to 2,000 characters': async (scenarios) => {
      const place = await scenarios.place();
      const message = 'ä'.repeat(LONGEST);
      const { email, token } = await scenarios.invited(place, undefined, { message });
      expect((await scenarios.reading(token).expect(200)).body.message).toBe(message);
      expect(scenarios.server.smtp.to(email)[0]!.html).toContain(message);
      const before = await scenarios.stored();
      const { body } = await scenarios.inviting(place, { message: `${message}.` }).expect(400);
      expect([body.code, body.errors]).toEqual(['invalid-input', [expect.objectContaining({ field: 'message' })]]);
      expect(await scenarios.stored()).toEqual(before);
    },
    'is escaped in the mail, the resend and the reminder, and is in no table and no log line': async (scenarios) => {
      const first = await scenarios.invited(await scenarios.place(), freshEmail('marked'), {
        message: MARKUP,
        expiresIn: '7d',
      });
      const second = await scenarios.resent(first);
      scenarios.clock.set(second.expiresAt, -2 * DAY);
      await scenarios.server.smtp.mailTo(first.email, 3);
      expect((await scenarios.reading(second.token).expect(200)).body.message).toBe(MARKUP);
      for (const { html, text } of scenarios.server.smtp.to(first.email)) {
        for (const line of MARKUP.split('\n')) expect(text).toContain(`> ${line}`);
        expect(html).not.toMatch(/<img|<b>marmalade/);
        for (const shown of ['&lt;img src', '&amp;amp; {{roleName}} &lt;b&gt;marmalade&lt;/b&gt;', 'second line'])
          expect(html).toContain(shown);
      }
      const traces = [
        ...(await tracesInDatabase(scenarios.server.database.kysely())),
        ...scenarios.server.logs.map((log) => ({ place: 'log', text: log })),
      ];
      expect(placesOf(traces, WORDS)).toEqual([]);
    },
  },

  'existing users': {
    'get the mail and an item among their own invitations and on their start page': async (scenarios) => {
      const sent = scenarios.mailsTo(scenarios.invitee.email);
      const { id, place } = await scenarios.invited(await scenarios.place(), scenarios.invitee.email, {
        message: 'Come & join',
      });
      expect(scenarios.mailsTo(scenarios.invitee.email)).toBe(sent + 1);
      const { body } = await scenarios.invitee.api.get('/v1/me/invitations').expect(200);
      const [item] = body.items.filter((one: { id: string }) => one.id === id);
      expect(item).toMatchObject({
        id,
        kind: scenarios.invitationType.kind,
        ...scenarios.invitationType.grants[0],
        state: 'pending',
        scope: place.scope,
        message: 'Come & join',
        invitedBy: { name: 'First Administrator' },
      });
      expect([
        (await scenarios.own(scenarios.somebodyElse.api)).includes(id),
        (await scenarios.own(scenarios.server.admin)).includes(id),
      ]).toEqual([false, false]);
      const visitor = new Visitor(scenarios.server.url);
      await visitor.submit('/sign-in', { email: scenarios.invitee.email, password: PASSWORD });
      const { text } = await visitor.get('/');
      for (const words of [place.scope.name, 'Come &amp; join', `action="/me/invitations/${id}/accept"`])
        expect(text).toContain(words);
      expect(headingOf(text)).not.toBe('');
      await scenarios.answeringOwn(id, 'accept').expect(200);
      expect([
        (await scenarios.own()).includes(id),
        (await visitor.get('/')).text.includes(`/me/invitations/${id}/`),
      ]).toEqual([false, false]);
    },
  },
};
