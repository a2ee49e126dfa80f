import { sql } from 'kysely';
import { AddressSweep } from '../../../src/modules/accounts/address/address-sweep.js';
import { ProjectionRunner } from '../../../src/shared/projections/projection-runner.js';
import type { Clock } from '../../../src/shared/time/clock.js';
import { describeOnEngines } from '../../support/engines.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  idle,
  invite,
  join,
  makePatientLink,
  readModelsCaughtUp,
  type Place,
} from '../../support/scenarios.js';
import { ADMIN, PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';
import { Addresses, DAY_MS, HOUR_MS, NEW_PASSWORD, statementsDuring } from './addresses-support.js';

describeOnEngines("a person's address", (engine) => {
  let server: TestServer;
  let addresses: Addresses;
  let organisation: Place;
  let ahead = 0;
  beforeAll(async () => {
    const clock: Clock = { now: () => new Date(Date.now() + ahead) };
    server = await startTestServer(engine, {}, { clock });
    addresses = new Addresses(server);
    organisation = await createOrganisation(server);
  });
  beforeEach(() => {
    ahead = 0;
  });
  afterAll(async () => server.close());

  const sweep = async (): Promise<void> => server.running.app.get(AddressSweep).run();
  const codeOf = async (answer: PromiseLike<{ status: number; body: { code: string } }>): Promise<string> => {
    const { status, body } = await answer;
    return `${String(status)} ${body.code}`;
  };

  describe('that is changed', () => {
    it('is the new one from the confirmation on, for the same person, whose sessions go on', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await addresses.personIdOf(member.api);
      const to = freshEmail('new');
      await addresses.ask(member.api, to);
      const [token, ...more] = addresses.confirmLinks(to);
      expect(more).toEqual([]);
      const { body } = await server.anonymous.get(`/v1/address-changes/${token!}`).expect(200);
      expect(body).toEqual({ email: to, expiresAt: expect.any(String) });
      expect((await member.api.get('/v1/me')).body.email).toBe(member.email);
      await addresses.confirm(token!).expect(204);
      expect((await member.api.get('/v1/me').expect(200)).body).toMatchObject({ personId, email: to });
      expect(await addresses.signsIn(to)).toBe(200);
      expect((await addresses.eventsAbout(personId)).map(({ type, metadata }) => [type, metadata.actor])).toEqual([
        ['AddressChangeRequested', personId],
        ['AddressChanged', personId],
      ]);
    });

    it('can be changed by a super-admin too, and back to a former one', async () => {
      const admin = await server.signIn(ADMIN.email, ADMIN.password);
      const to = freshEmail('root');
      await addresses.ask(admin, to, ADMIN.password);
      await addresses.confirm(addresses.confirmLinks(to)[0]!).expect(204);
      expect(await addresses.signsIn(to, ADMIN.password)).toBe(200);
      await addresses.ask(admin, ADMIN.email, ADMIN.password);
      await addresses.confirm(addresses.confirmLinks(ADMIN.email)[0]!).expect(204);
      const personId = await addresses.personIdOf(admin);
      expect(await addresses.addressOf(personId)).toBe(ADMIN.email);
      expect([await addresses.ownerOf(to), await addresses.ownerOf(ADMIN.email)]).toEqual([personId, personId]);
      expect(await addresses.furtherRows(personId)).toEqual({ former: 1, held: 0 });
    });

    it('shows in lists and in their search at once, and after a rebuild', async () => {
      const member = await join(server, organisation, 'contributor');
      const { to, undo } = await addresses.change(member.api, member.email, freshEmail('findable'));
      const listed = async (q: string): Promise<string[]> => {
        await readModelsCaughtUp(server);
        const { body } = await server.admin.get(`${organisation.path}/staff?q=${encodeURIComponent(q)}`).expect(200);
        return body.items.map(({ email }: { email: string }) => email);
      };
      const directory = async () =>
        (await server.running.app.get(ProjectionRunner).status()).find(({ name }) => name === 'person-directory')!;
      const rebuild = async (): Promise<void> => {
        const { version } = await directory();
        await server.admin.post('/v1/projections/person-directory/rebuild').expect(204);
        await waitFor('the rebuilt directory', async () => {
          const state = await directory();
          return state.version > version && state.rebuild === null;
        });
      };
      expect([await listed(to), await listed(member.email)]).toEqual([[to], []]);
      await rebuild();
      expect([await listed(to), await listed(member.email)]).toEqual([[to], []]);
      await addresses.undo(undo).expect(204);
      expect([await listed(to), await listed(member.email)]).toEqual([[], [member.email]]);
      await rebuild();
      expect([await listed(to), await listed(member.email)]).toEqual([[], [member.email]]);
    });

    it('needs the current password, whose failures are limited like those of signing in', async () => {
      const member = await join(server, organisation, 'contributor');
      const answers: string[] = [];
      for (let n = 0; n <= 10; n += 1)
        answers.push(
          (await member.api.post('/v1/me/address', { email: freshEmail(), password: 'not this one' })).body.code,
        );
      expect(answers).toEqual([...Array<string>(10).fill('wrong-password'), 'too-many-attempts']);
      expect(await addresses.typesAbout(await addresses.personIdOf(member.api))).toEqual([]);
    });

    it('is refused in a bad shape before the password is looked at', async () => {
      const member = await join(server, organisation, 'contributor');
      const { body } = await member.api
        .post('/v1/me/address', { email: 'no address', password: 'not this one' })
        .expect(400);
      expect(body).toMatchObject({ code: 'invalid-input', errors: [{ field: 'email' }] });
    });

    it('is normalised like any other', async () => {
      const member = await join(server, organisation, 'contributor');
      const typed = `Ann <Jürgen.${freshEmail()}>`;
      await addresses.ask(member.api, typed.replace('example.test', 'KÖLN.example'));
      const stored = typed.slice(5, -1).toLowerCase().replace('example.test', 'xn--kln-sna.example');
      const mail = server.smtp.mails.find(
        ({ text }) => text.includes('/address/') && server.smtp.rcptTo.includes(stored),
      );
      expect(mail).toBeDefined();
    });

    it('is asked for five times an hour at most', async () => {
      const member = await join(server, organisation, 'contributor');
      const statuses: number[] = [];
      for (let n = 0; n < 6; n += 1)
        statuses.push((await member.api.post('/v1/me/address', { email: freshEmail(), password: PASSWORD })).status);
      expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
    });

    it('gets five mails an hour at most, from several people', async () => {
      const members = [
        await join(server, organisation, 'contributor'),
        await join(server, organisation, 'contributor'),
      ];
      const wanted = freshEmail('wanted');
      for (const { api } of members) for (let n = 0; n < 4; n += 1) await addresses.ask(api, wanted);
      expect(server.smtp.to(wanted)).toHaveLength(5);
    });
  });

  describe('that is asked for', () => {
    it('is answered alike for a free one, the own one, and those of others with and without an account', async () => {
      const member = await join(server, organisation, 'contributor');
      const other = await join(server, organisation, 'contributor');
      const invited = freshEmail('invited');
      await invite(server, server.admin, organisation, invited, 'contributor');
      const personId = await addresses.personIdOf(member.api);
      const answers: object[] = [];
      for (const email of [freshEmail('free'), member.email, other.email, invited]) {
        const { status, body, headers } = await member.api.post('/v1/me/address', { email, password: PASSWORD });
        const { date: _date, 'x-request-id': _id, ...rest } = headers as Record<string, string>;
        answers.push({ status, body, rest: Object.keys(rest).sort() });
      }
      expect(answers).toEqual(Array(4).fill(answers[0]));
      await idle(server);
      expect(await addresses.typesAbout(personId)).toEqual(Array<string>(4).fill('AddressChangeRequested'));
      expect(await addresses.addressOf(personId)).toBe(member.email);
    });

    it('takes the same statements for each', async () => {
      const member = await join(server, organisation, 'contributor');
      const other = await join(server, organisation, 'contributor');
      const invited = freshEmail('invited');
      await invite(server, server.admin, organisation, invited, 'contributor');
      const done: string[][] = [];
      for (const email of [freshEmail('free'), member.email, other.email, invited]) {
        await idle(server);
        done.push(
          await statementsDuring(server, async () => {
            await member.api.post('/v1/me/address', { email, password: PASSWORD }).expect(202);
          }),
        );
      }
      expect(done[0]!.length).toBeGreaterThan(3);
      expect(done.flat().filter((text) => text.includes('email_hash = any'))).toEqual([]);
      expect(done.slice(1)).toEqual(Array(3).fill(done[0]));
    });

    it.each(['an account', 'an invitation only'])('and belongs to a person with %s, who is told', async (has) => {
      const member = await join(server, organisation, 'contributor');
      const taken = freshEmail('taken');
      if (has === 'an account') await join(server, organisation, 'contributor', taken);
      else await invite(server, server.admin, organisation, taken, 'contributor');
      const owner = await addresses.ownerOf(taken);
      const before = server.smtp.to(taken).length;
      await addresses.ask(member.api, taken);
      const [told, ...more] = server.smtp.to(taken).slice(before);
      expect([told?.subject, more]).toEqual(['Somebody wanted to use your e-mail address', []]);
      expect(told!.text + told!.html).not.toMatch(new RegExp(`${member.email}|/address/`));
      expect(addresses.confirmLinks(taken)).toEqual([]);
      expect([await addresses.ownerOf(taken), await addresses.ownerOf(member.email)]).toEqual([
        owner,
        await addresses.personIdOf(member.api),
      ]);
    });

    it('and is the own one gets no mail', async () => {
      const member = await join(server, organisation, 'contributor');
      const before = server.smtp.to(member.email).length;
      await addresses.ask(member.api, member.email);
      expect(server.smtp.to(member.email)).toHaveLength(before);
    });

    it('and becomes the address of an invited person before the confirmation stays theirs, and they are told', async () => {
      const member = await join(server, organisation, 'contributor');
      const wanted = freshEmail('wanted');
      await addresses.ask(member.api, wanted);
      const [token] = addresses.confirmLinks(wanted);
      const invitation = await invite(server, server.admin, organisation, wanted, 'contributor');
      const invitee = await addresses.ownerOf(wanted);
      expect(await codeOf(addresses.confirm(token!))).toBe('409 address-taken');
      expect(await codeOf(addresses.confirm(token!))).toBe('409 address-taken');
      await idle(server);
      expect(server.smtp.to(wanted).at(-1)!.subject).toBe('Somebody wanted to use your e-mail address');
      const personId = await addresses.personIdOf(member.api);
      expect(invitee).not.toBe(personId);
      expect([await addresses.ownerOf(wanted), await addresses.addressOf(personId)]).toEqual([invitee, member.email]);
      expect(await addresses.typesAbout(personId)).toEqual(['AddressChangeRequested', 'AddressChangeRefused']);
      await server.anonymous
        .post(`/v1/invitations/${invitation.token}/accept`, { name: 'Invited', password: PASSWORD })
        .expect(200);
    });
  });

  describe('that was the one before a change', () => {
    it('still means the person for 7 days, and is then nobody’s', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await addresses.personIdOf(member.api);
      const { to } = await addresses.change(member.api, member.email);
      ahead = 7 * DAY_MS - 60_000;
      await sweep();
      expect(await addresses.ownerOf(member.email)).toBe(personId);
      ahead = 7 * DAY_MS;
      await sweep();
      expect([await addresses.ownerOf(member.email), await addresses.ownerOf(to)]).toEqual([null, personId]);
      ahead = 0;
      expect([await addresses.signsIn(member.email), await addresses.signsIn(to)]).toEqual([401, 200]);
      await invite(server, server.admin, organisation, member.email, 'contributor');
      const newcomer = await addresses.ownerOf(member.email);
      expect(newcomer).not.toBeNull();
      expect(newcomer).not.toBe(personId);
    });

    it('signs in, asks for a new password, is invited and asks through a patient link as the same person', async () => {
      const member = await join(server, organisation, 'contributor');
      const { to } = await addresses.change(member.api, member.email);
      expect(await addresses.signsIn(member.email)).toBe(200);

      await server.anonymous.post('/v1/auth/password-reset', { email: member.email }).expect(202);
      await idle(server);
      expect(server.smtp.to(to).at(-1)!.text).toContain('/password-reset/');

      const elsewhere = await createOrganisation(server, 'Hillside Clinic');
      const { body } = await server.admin
        .post(`${elsewhere.path}/staff-invitations`, { emails: [member.email], role: 'contributor' })
        .expect(201);
      expect(body.results).toMatchObject([{ email: member.email, outcome: 'invited' }]);
      const { body: again } = await server.admin
        .post(`${elsewhere.path}/staff-invitations`, { emails: [to, member.email], role: 'contributor' })
        .expect(201);
      expect(again.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
        'already-pending',
        'already-pending',
      ]);
      await readModelsCaughtUp(server);
      const { body: own } = await member.api.get('/v1/me/invitations').expect(200);
      expect(own.items).toHaveLength(1);

      const link = await makePatientLink(server.admin, await createDeployment(server, organisation));
      await server.anonymous.post(`/v1/links/${link.token}/requests`, { email: member.email }).expect(202);
      await readModelsCaughtUp(server);
      expect((await member.api.get('/v1/me/invitations').expect(200)).body.items).toHaveLength(2);
    });

    it('counts as one person with the present one, also in one call and in a dry run', async () => {
      const member = await join(server, organisation, 'contributor');
      const { to } = await addresses.change(member.api, member.email);
      const elsewhere = await createOrganisation(server, 'Lakeside Hospital');
      const call = async (dryRun: boolean) =>
        (
          await server.admin
            .post(`${elsewhere.path}/staff-invitations`, {
              emails: [member.email, to, freshEmail()],
              role: 'contributor',
              dryRun,
            })
            .expect(201)
        ).body;
      expect((await call(true)).summary).toMatchObject({ invited: 3 });
      const { results, summary } = await call(false);
      expect(summary).toMatchObject({ invited: 3 });
      expect(results[0].invitationId).toBe(results[1].invitationId);
      expect(results[2].invitationId).not.toBe(results[1].invitationId);
      await readModelsCaughtUp(server);
      const { body } = await server.admin.get(`${elsewhere.path}/staff-invitations`).expect(200);
      expect(body.items).toHaveLength(2);
    });

    it('is not invited by its own person', async () => {
      const owner = await join(server, organisation, 'organisation-owner');
      const { to } = await addresses.change(owner.api, owner.email);
      const { body } = await owner.api
        .post(`${organisation.path}/staff-invitations`, { emails: [owner.email, to], role: 'contributor' })
        .expect(201);
      expect(body.summary).toMatchObject({ 'not-allowed': 2 });
    });

    it('gets no mail for the person any more but that the address was changed', async () => {
      const member = await join(server, organisation, 'contributor');
      const { to } = await addresses.change(member.api, member.email);
      const before = server.smtp.to(member.email).length;
      expect(server.smtp.to(member.email).at(-1)!.subject).toBe('The e-mail address of your account was changed');
      expect(server.smtp.to(member.email).at(-1)!.text).not.toContain(to);
      await server.admin
        .post(`${(await createOrganisation(server)).path}/staff-invitations`, {
          emails: [member.email],
          role: 'contributor',
        })
        .expect(201);
      await idle(server);
      expect(server.smtp.to(member.email)).toHaveLength(before);
      expect(server.smtp.to(to).at(-1)!.token).not.toBe('');
    });

    it('is not free for another person', async () => {
      const member = await join(server, organisation, 'contributor');
      const other = await join(server, organisation, 'contributor');
      await addresses.change(member.api, member.email);
      await addresses.ask(other.api, member.email);
      expect(addresses.confirmLinks(member.email)).toEqual([]);
    });
  });

  describe('whose change is undone', () => {
    it('is the one before, needs a new password, and ends all sessions', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await addresses.personIdOf(member.api);
      const { to, undo } = await addresses.change(member.api, member.email);
      const { body } = await server.anonymous.get(`/v1/address-undos/${undo}`).expect(200);
      expect(body).toEqual({ email: member.email, undoUntil: expect.any(String) });
      const answer = await addresses.undo(undo).expect(204);
      expect(answer.headers['set-cookie']).toBeUndefined();
      await member.api.get('/v1/me').expect(401);
      expect([
        await addresses.signsIn(member.email),
        await addresses.signsIn(member.email, NEW_PASSWORD),
        await addresses.signsIn(to, NEW_PASSWORD),
      ]).toEqual([401, 200, 401]);
      expect([await addresses.ownerOf(member.email), await addresses.ownerOf(to)]).toEqual([personId, null]);
      const events = await addresses.eventsAbout(personId);
      expect(events.map(({ type, data }) => [type, data['how']]).slice(-2)).toEqual([
        ['AddressChangeUndone', undefined],
        ['PasswordChanged', 'address-undone'],
      ]);
      expect(new Set(events.slice(-2).map(({ metadata }) => metadata.commandId)).size).toBe(1);
      expect(await addresses.furtherRows(personId)).toEqual({ former: 0, held: 0 });
      const ends = (await server.events()).filter(
        ({ type, data }) => type === 'SessionEnded' && data['how'] === 'address-undone',
      );
      expect(ends.length).toBeGreaterThan(0);
      expect(await codeOf(addresses.undo(undo))).toBe('410 address-undo-used');
    });

    it('is not kept by a second change: the first undoing takes both back', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await addresses.personIdOf(member.api);
      const first = await addresses.change(member.api, member.email);
      const second = await addresses.change(member.api, first.to);
      await addresses.ask(member.api, freshEmail('third'));
      await addresses.undo(first.undo).expect(204);
      expect([
        await addresses.ownerOf(member.email),
        await addresses.ownerOf(first.to),
        await addresses.ownerOf(second.to),
      ]).toEqual([personId, null, null]);
      expect(await codeOf(addresses.undo(second.undo))).toBe('410 address-undo-used');
    });

    it('stays the one before the second change, when only that is undone', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await addresses.personIdOf(member.api);
      const first = await addresses.change(member.api, member.email);
      const second = await addresses.change(member.api, first.to);
      await addresses.undo(second.undo).expect(204);
      expect([await addresses.addressOf(personId), await addresses.ownerOf(member.email)]).toEqual([
        first.to,
        personId,
      ]);
      expect(await addresses.ownerOf(second.to)).toBeNull();
      await addresses.undo(first.undo, 'yet another password').expect(204);
      expect(await addresses.addressOf(personId)).toBe(member.email);
    });

    it('is undone although the person went back to it before', async () => {
      const member = await join(server, organisation, 'contributor');
      const personId = await addresses.personIdOf(member.api);
      const { to, undo } = await addresses.change(member.api, member.email);
      await addresses.change(member.api, to, member.email);
      await addresses.undo(undo).expect(204);
      expect([await addresses.addressOf(personId), await addresses.ownerOf(to)]).toEqual([member.email, null]);
      expect(await addresses.furtherRows(personId)).toEqual({ former: 0, held: 0 });
    });

    it('keeps the former one until its last moment, whatever the sweep does, and not after it', async () => {
      const member = await join(server, organisation, 'contributor');
      const late = await join(server, organisation, 'contributor');
      const [{ undo }, { undo: tooLate }] = [
        await addresses.change(member.api, member.email),
        await addresses.change(late.api, late.email),
      ];
      ahead = 7 * DAY_MS - 60_000;
      await Promise.all([sweep(), addresses.undo(undo).expect(204), sweep()]);
      ahead = 7 * DAY_MS + 60_000;
      expect(await codeOf(addresses.undo(tooLate))).toBe('410 address-undo-expired');
      await sweep();
      expect(await codeOf(addresses.undo(tooLate))).toBe('410 address-undo-expired');
      ahead = 0;
      expect(await addresses.signsIn(member.email, NEW_PASSWORD)).toBe(200);
      expect(await addresses.ownerOf(late.email)).toBeNull();
      expect(await addresses.furtherRows(await addresses.personIdOf(late.api))).toEqual({ former: 0, held: 0 });
    });

    it('refuses a bad new password, and the link still works', async () => {
      const member = await join(server, organisation, 'contributor');
      const { undo } = await addresses.change(member.api, member.email);
      const { body } = await addresses.undo(undo, member.email).expect(400);
      expect(body.errors).toMatchObject([{ field: 'password', code: 'password-is-address' }]);
      await addresses.undo(undo).expect(204);
    });
  });

  describe('and its links', () => {
    it('change nothing when they are read', async () => {
      const member = await join(server, organisation, 'contributor');
      const { undo } = await addresses.change(member.api, member.email);
      const wanted = freshEmail();
      await addresses.ask(member.api, wanted);
      const before = (await server.events()).length;
      for (const path of [`address-changes/${addresses.confirmLinks(wanted)[0]!}`, `address-undos/${undo}`]) {
        await server.anonymous.get(`/v1/${path}`).expect(200);
        await server.anonymous.get(`/v1/${path}`).expect(200);
      }
      expect(await server.events()).toHaveLength(before);
    });

    it('confirm once, not after a newer one, not after an hour, and not after a change of the password', async () => {
      const member = await join(server, organisation, 'contributor');
      const [older, newer, last] = [freshEmail(), freshEmail(), freshEmail()];
      await addresses.ask(member.api, older);
      await addresses.ask(member.api, newer);
      const confirm = async (email: string) => codeOf(addresses.confirm(addresses.confirmLinks(email)[0]!));
      expect(await confirm(older)).toBe('410 address-change-superseded');
      ahead = HOUR_MS;
      expect(await confirm(newer)).toBe('410 address-change-expired');
      ahead = 0;
      await addresses.confirm(addresses.confirmLinks(newer)[0]!).expect(204);
      expect(await confirm(newer)).toBe('410 address-change-used');
      await addresses.ask(member.api, last);
      await member.api.post('/v1/auth/password', { currentPassword: PASSWORD, password: NEW_PASSWORD }).expect(204);
      expect(await confirm(last)).toBe('410 address-change-used');
    });

    it('are refused when they are tampered with, or of another kind or person', async () => {
      const member = await join(server, organisation, 'contributor');
      const other = await join(server, organisation, 'contributor');
      const { undo } = await addresses.change(member.api, member.email);
      const wanted = freshEmail();
      await addresses.ask(member.api, wanted);
      const [confirm] = addresses.confirmLinks(wanted);
      const { token: invitation } = await invite(server, server.admin, organisation, freshEmail(), 'contributor');
      const flipped = (token: string) => `${token.slice(0, -2)}${token.at(-2) === 'A' ? 'B' : 'A'}${token.at(-1)!}`;
      const bytes = Buffer.from(confirm!, 'base64url');
      Buffer.from((await addresses.personIdOf(other.api)).replaceAll('-', ''), 'hex').copy(bytes, 2);
      const ofOther = bytes.toString('base64url');
      for (const token of [flipped(confirm!), undo, invitation, ofOther, 'x'])
        expect(await codeOf(addresses.confirm(token))).toBe('404 address-change-not-found');
      for (const token of [flipped(undo), confirm!, invitation, ofOther, 'x'])
        expect(await codeOf(addresses.undo(token))).toBe('404 address-undo-not-found');
      expect(await addresses.typesAbout(await addresses.personIdOf(other.api))).toEqual([]);
    });

    it('leave no token and no address in the log, the outbox, the database or the log lines', async () => {
      const member = await join(server, organisation, 'contributor');
      const secret = freshEmail('nobody-reads-me');
      const { undo } = await addresses.change(member.api, member.email, secret);
      const confirm = addresses.confirmLinks(secret)[0]!;
      await server.anonymous.get(`/v1/address-changes/${confirm}`).expect(410);
      await addresses.undo(undo, 'short').expect(400);
      await addresses.undo(undo).expect(204);
      await idle(server);
      const lines = server.logs.join('');
      const log = JSON.stringify(await server.events());
      for (const text of [confirm, undo, secret, member.email])
        expect([text, log.includes(text)]).toEqual([text, false]);
      for (const text of [confirm, undo, secret]) expect([text, lines.includes(text)]).toEqual([text, false]);
      const { rows } = await sql<{ name: string }>`
        select table_name as name from information_schema.tables where table_schema = current_schema()`.execute(
        server.database.kysely(),
      );
      // The directory holds plain addresses by design, of people as they are.
      for (const { name } of rows)
        for (const text of [confirm, undo, secret]) {
          const { rows: found } = await sql`
            select 1 from ${sql.table(name)} as t where t::text like ${`%${text}%`}`.execute(server.database.kysely());
          expect([name, found]).toEqual([name, []]);
        }
    });
  });
});
