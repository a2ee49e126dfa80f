import { Pseudonyms } from '../../../src/modules/people/pseudonyms.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  readModelsCaughtUp,
  type Place,
} from '../../support/scenarios.js';

describeOnOneEngine('the identity of staff', (engine) => {
  let server: TestServer;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
  });
  afterAll(async () => {
    await server.close();
  });

  it('is hidden from callers who may manage staff but not see them', async () => {
    const define = async (name: string, permissions: string[]): Promise<string> =>
      String((await server.admin.post(`${organisation.path}/roles`, { name, permissions }).expect(201)).body.id);
    const [manager, one, other] = [
      await define('Manager', ['staff.manage']),
      await define('One', ['patients.view']),
      await define('Other', ['patients.view']),
    ];
    const by = await join(server, organisation, manager);
    const [member, pending] = [
      await join(server, organisation, one),
      await invite(server, server.admin, organisation, freshEmail(), one),
    ];
    for (const call of [
      by.api.get(`/v1/staff/${member.membershipId}`),
      by.api.patch(`/v1/staff/${member.membershipId}`, { role: other }),
      by.api.delete(`/v1/staff/${member.membershipId}`),
    ]) {
      expect((await call.expect(404)).body.code).toBe('not-found');
    }
    expect((await by.api.get(`${organisation.path}/staff`).expect(403)).body.code).toBe('forbidden');
    // The caller sees invitations by an alias, because they may not identify people in the organisation.
    await by.api.post(`/v1/staff-invitations/${pending.id}/resend`, {}).expect(404);
    const alias = server.running.app.get(Pseudonyms).alias(organisation.id, pending.id);
    const { body: resent } = await by.api.post(`/v1/staff-invitations/${alias}/resend`, {}).expect(200);
    expect([resent.id, resent.issue, 'email' in resent, resent.pseudonym, resent.invitedBy]).toEqual([
      alias,
      2,
      false,
      expect.stringMatching(/^P-[0-9A-HJKMNP-TV-Z]{12}$/),
      { personId: expect.any(String), name: `Name of ${manager}` },
    ]);
    expect((await by.api.get(`/v1/staff-invitations/${alias}`).expect(200)).body).toEqual({
      ...resent,
      mail: expect.any(Object),
    });
    const { body: changed } = await server.admin.patch(`/v1/staff/${member.membershipId}`, { role: other }).expect(200);
    expect(changed.role).toBe(other);
    const { body: seen } = await server.admin.patch(`/v1/staff/${member.membershipId}`, { role: one }).expect(200);
    expect(seen).toMatchObject({ role: one, name: `Name of ${one}`, email: member.email });
  });

  it('is found by an internationalised address in each spelling', async () => {
    const place = await createDeployment(server, organisation, 'Köln');
    await join(server, place, 'contributor', 'jürgen@köln.example');
    await readModelsCaughtUp(server);
    for (const list of ['staff', 'staff-invitations']) {
      for (const q of ['jürgen', 'ju\u0308rgen', 'KÖLN', 'köln.example', 'jürgen@köln.example', 'n@köln', 'xn--kln']) {
        expect([
          q,
          (await server.admin.get(`${place.path}/${list}?q=${encodeURIComponent(q)}`).expect(200)).body.items.length,
        ]).toEqual([q, 1]);
      }
      expect(
        (await server.admin.get(`${place.path}/${list}?q=${encodeURIComponent('bonn')}`).expect(200)).body.items,
      ).toEqual([]);
    }
  });
});
