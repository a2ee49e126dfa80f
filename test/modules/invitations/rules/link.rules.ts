import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { loadConfig } from '../../../../src/bootstrap/config.js';
import { linkTokens } from '../../../support/link-tokens.js';
import { placesOf, placesOfBytes, tracesInDatabase } from '../../../faults/traces.js';
import { SECRETS } from '../../../support/test-server.js';
import { codesOf, type InvitationScenarios } from './invitation-scenarios.js';
import type { Rules } from './invitation-type.js';
import { endedOnes } from './life.rules.js';
import { wordsOf } from './table.js';

/** The status and code that each use of a link gets. */
const uses = async (scenarios: InvitationScenarios, token: string) =>
  codesOf(
    scenarios.reading(token),
    scenarios.reading(token, scenarios.invitee.api),
    scenarios.accepting(token),
    scenarios.declining(token),
  );
const USES = 4;

/** The rules of links. */
export const linkRules: Rules = {
  'reading a link (GET)': {
    'changes nothing for any reader, with GET or HEAD, as JSON or as a page': async (scenarios) => {
      const { id, token } = await scenarios.invited(await scenarios.place(), scenarios.invitee.email);
      const before = [await scenarios.stored(), await scenarios.one(id)];
      const offers = [];
      for (const by of [
        scenarios.server.anonymous,
        scenarios.server.anonymous,
        scenarios.server.anonymous,
        scenarios.invitee.api,
        scenarios.somebodyElse.api,
        scenarios.server.admin,
      ])
        offers.push((await scenarios.reading(token, by).expect(200)).body);
      expect(new Set(offers.map((offer) => JSON.stringify(offer))).size).toBe(1);
      for (const path of [`/v1/invitations/${token}`, `/invitations/${token}`]) {
        for (const method of ['head', 'get'] as const) {
          const { status, headers } = await request(scenarios.server.url)[method](path).set('Accept', 'text/html,*/*');
          expect([method, path.startsWith('/v1'), status, headers['set-cookie']]).toEqual([
            method,
            path.startsWith('/v1'),
            200,
            undefined,
          ]);
        }
      }
      // A GET can neither accept nor decline.
      for (const act of ['accept', 'decline'])
        expect((await scenarios.server.anonymous.get(`/v1/invitations/${token}/${act}`)).status).toBe(404);
      expect([await scenarios.stored(), await scenarios.one(id)]).toEqual(before);
      await scenarios.accepting(token, scenarios.invitee.api).expect(200);
      const after = await scenarios.stored();
      expect(await codesOf(scenarios.reading(token), scenarios.reading(token, scenarios.invitee.api))).toEqual(
        Array(2).fill('410 invitation-accepted'),
      );
      expect(await scenarios.stored()).toEqual(after);
    },
  },

  'a bad link': {
    'is 404 if it is unknown or forged': async (scenarios) => {
      const { id, token } = await scenarios.invited(await scenarios.place());
      const bytes = Buffer.from(token, 'base64url');
      const bent = (at: number) =>
        Buffer.from(bytes.map((byte, n) => (n === at ? byte ^ 1 : byte))).toString('base64url');
      const claim = {
        kind: scenarios.invitationType.kind,
        streamUuid: bytes.toString('hex', 2, 18).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
        issue: 1,
      };
      const signed = (secret: string, changes = {}) =>
        linkTokens(
          loadConfig({ ...SECRETS, DATABASE_URL: 'postgres://nowhere/none', LINK_SECRET: secret }).linkSecrets,
        ).derive({ ...claim, ...changes }, id);
      // Flipped bits of key, kind, stream, issue and signature, another secret's signature, and claims of no invitation.
      const forged = [
        ...[0, 1, 2, 17, 21, 22, 37].map(bent),
        signed('another-link-secret-0123456789-abcdef'),
        signed(SECRETS.LINK_SECRET, { issue: 2 }),
        signed(SECRETS.LINK_SECRET, { issue: 0 }),
        signed(SECRETS.LINK_SECRET, { streamUuid: randomUUID() }),
        token.slice(0, -1),
        `${token}A`,
        'nothing',
        '%00',
        id,
      ];
      // `signed` must derive the genuine link, because the others would prove nothing otherwise.
      expect(signed(SECRETS.LINK_SECRET)).toBe(token);
      const before = await scenarios.stored();
      for (const link of forged)
        expect([link, await uses(scenarios, link)]).toEqual([link, Array(USES).fill('404 invitation-not-found')]);
      expect([await scenarios.stored(), (await scenarios.one(id)).state]).toEqual([before, 'pending']);
    },
    'is 410 with the reason if it ended, and superseded if it belongs to an older issue': async (scenarios) => {
      const links: Record<string, string[]> = {};
      const found = (code: string, ...tokens: string[]) => {
        (links[code] ??= []).push(...tokens);
      };
      const over = await scenarios.invited(await scenarios.place());
      scenarios.clock.set(over.expiresAt);
      const again = await scenarios.resent(over);
      scenarios.clock.set(again.expiresAt);
      found('invitation-superseded', over.token);
      found('invitation-expired', again.token);
      for (const end of ['accepted', 'declined', 'revoked']) {
        const older = await scenarios.invited(await scenarios.place(), scenarios.invitee.email);
        const newest = await scenarios.resent(older);
        if (end === 'accepted') await scenarios.accepting(newest.token, scenarios.invitee.api).expect(200);
        if (end === 'declined') await scenarios.declining(newest.token).expect(204);
        if (end === 'revoked') await scenarios.revoking(newest.id).expect(204);
        found('invitation-superseded', older.token);
        found(`invitation-${end}`, newest.token);
      }
      const ended = await endedOnes(scenarios);
      for (const one of [ended.declined, ended.revoked]) await scenarios.invited(one.place, one.email);
      found('invitation-superseded', ended.declined.token, ended.revoked.token);
      found('invitation-accepted', ended.accepted.token);
      expect(Object.keys(links).sort()).toEqual(
        wordsOf('a bad link')
          .filter((code) => code !== 'invitation-not-found')
          .sort(),
      );
      for (const [code, tokens] of Object.entries(links))
        for (const token of tokens) expect(await uses(scenarios, token)).toEqual(Array(USES).fill(`410 ${code}`));
    },
  },

  links: {
    'are in no answer, log line, metric or table, and their pages send no referrer': async (scenarios) => {
      const said: string[] = [];
      const note = async (call: PromiseLike<request.Response>) => {
        const answer = await call;
        said.push(JSON.stringify([answer.headers, answer.text]));
        return answer;
      };
      const place = await scenarios.place();
      const first = await scenarios.invited(place, scenarios.invitee.email);
      await note(scenarios.inviting(place, { emails: [first.email] }));
      const { token } = await scenarios.resent(first);
      const invitee = scenarios.invitee.api;
      for (const link of [first.token, token])
        for (const call of [
          scenarios.reading(link),
          scenarios.accepting(link),
          scenarios.accepting(link, scenarios.somebodyElse.api),
          scenarios.declining(link, scenarios.somebodyElse.api),
        ])
          await note(call);
      await note(
        scenarios.server.anonymous.post(`/v1/invitations/${token}/accept`, { name: token, password: 'short' }),
      );
      await note(scenarios.server.anonymous.get(`/v1/invitations/${token}/nowhere`));
      const path = scenarios.invitationType.invitationsPath(place);
      for (const call of [
        scenarios.server.admin.get(path),
        scenarios.server.admin.get(scenarios.invitationType.invitationPath(first.id)),
        invitee.get('/v1/me/invitations'),
        invitee.get('/v1/me'),
        invitee.get('/'),
      ])
        await note(call);
      const page = await request(scenarios.server.url).get(`/invitations/${token}`).set('Accept', 'text/html');
      expect(page.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
      await note(scenarios.accepting(token, invitee));
      await note(scenarios.server.anonymous.get('/metrics').set('Authorization', `Bearer ${SECRETS.METRICS_TOKEN}`));
      expect(said.filter((text) => text.includes('"200"') || text.includes('rolecall_')).length).toBeGreaterThan(0);
      expect(scenarios.server.logs.join('')).toContain('/v1/invitations/:token/accept');
      const traces = [
        ...(await tracesInDatabase(scenarios.server.database.kysely())),
        ...scenarios.server.logs.map((text) => ({ place: 'log', text })),
        ...said.map((text) => ({ place: 'answer', text })),
      ];
      // The search must find an id that is there, because it would prove nothing otherwise.
      expect(placesOf(traces, [first.id]).length).toBeGreaterThan(2);
      expect(placesOf(traces, [first.token, token])).toEqual([]);
      expect(
        placesOfBytes(
          traces,
          [first.token, token].map((link) => Buffer.from(link, 'base64url').subarray(-16)),
        ),
      ).toEqual([]);
    },
  },
};
