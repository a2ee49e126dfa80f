import { describeOnOneEngine } from '../../support/engines.js';
import { pageRoutesOf, type PageRoute } from '../../support/page-routes.js';
import { createOrganisation, enrol, join, type Member } from '../../support/scenarios.js';
import { ABSENT_ID, HostilePlace } from './hostile-place.js';
import { headingOf, signedInVisitor, Visitor } from './portal-support.js';

/** Requests that no page of ours causes. */
const ELSEWHERE: Readonly<Record<string, Record<string, string>>> = {
  'another site': { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
  'another site that hides its origin': { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
  'another host of the same site': { Origin: 'https://other.example', 'Sec-Fetch-Site': 'same-site' },
  'another site, over plain HTTP': { Origin: 'http://evil.example' },
  'a sandbox, over plain HTTP': { Origin: 'null' },
  'a client that names nothing': {},
};
/**
 * Forms that act for the holder of a mailed link and not for who is signed in. The link means the write, because no
 * other site knows it. Mail programs unsubscribe with one click.
 */
const BY_LINK = [
  ...['/invitations/:token/accept', '/invitations/:token/decline', '/join/:token', '/unsubscribe/:token'],
  ...['/unsubscribe/:token/undo', '/address/:token', '/address-undo/:token', '/password-reset/:token'],
];
/** What forms need to do what they are for. */
const FIELDS = {
  ...{ emails: 'ann@example.test', role: 'contributor', expiresIn: '7d', reason: 'Because', name: 'Ann' },
  ...{ password: 'a perfectly fine password', currentPassword: 'a perfectly fine password' },
  ...{ addressPassword: 'a perfectly fine password', address: 'other@example.test', confirmed: 'yes' },
  ...{ email: 'ann@example.test', permissions: 'patients.view', deed: 'delete', moveTo: 'contributor' },
  ...{ set: 'viewer', url: 'https://files.example/b', exception: 'allow', memberId: ABSENT_ID },
};

describeOnOneEngine('forms that no page of the product sent', (engine) => {
  let place: HostilePlace;
  let forms: PageRoute[];
  beforeAll(async () => {
    place = await HostilePlace.make(engine);
    forms = pageRoutesOf(place.server).filter(({ method }) => method === 'POST');
  });
  afterAll(async () => place.server.close());

  it.each(Object.keys(ELSEWHERE))(
    'by %s change nothing for a signed-in visitor, and are answered alike for things that there are not',
    async (who) => {
      const { server, owner } = place;
      const visitor = await signedInVisitor(server, owner);
      const before = (await server.events()).length;
      const faults: unknown[] = [];
      for (const route of forms.filter(({ path }) => !BY_LINK.includes(path))) {
        const answers = await Promise.all(
          [place.address(route), place.address(route, true)].map(async (address) =>
            visitor.submit(address, FIELDS, ELSEWHERE[who]),
          ),
        );
        const said = answers.map(({ status, text }) => `${String(status)} ${headingOf(text)}`);
        if (said.some((each) => each !== '403 This did not come from our page')) faults.push([route.path, ...said]);
      }
      expect(faults).toEqual([]);
      expect(await server.events()).toHaveLength(before);
      expect(visitor.isSignedIn).toBe(true);
    },
  );

  it('change nothing for a visitor without a session, and lead none to send what another site typed', async () => {
    const { server } = place;
    const before = (await server.events()).length;
    const faults: unknown[] = [];
    for (const route of forms.filter(({ path }) => /^\/(?:portal|me|account)\//.test(path))) {
      for (const [who, from] of Object.entries(ELSEWHERE)) {
        for (const fields of [FIELDS, { ...FIELDS, drawnFor: place.ids.organisations['memberId']! }]) {
          const { status, text } = await new Visitor(server.url).submit(place.address(route), fields, from);
          // A client that names nothing is no browser, so no site can have typed what the page repeats.
          const isBrowser = who !== 'a client that names nothing';
          if (isBrowser && (![303, 403, 404].includes(status) || text.includes('ann@example.test')))
            faults.push([route.path, who, status]);
        }
      }
    }
    expect(faults).toEqual([]);
    expect(await server.events()).toHaveLength(before);
  });

  it.each<[who: string, join: (of: HostilePlace) => Promise<Member>]>([
    [
      'another offboarded patient',
      async ({ server, deployment }) => {
        const patient = await enrol(server, deployment);
        await server.admin.post(`/v1/patients/${patient.membershipId}/offboard`, { reason: 'Moved' }).expect(200);
        return patient;
      },
    ],
    ['an auditor', async ({ server, organisation }) => join(server, organisation, 'auditor')],
    ['a contributor below', async ({ server, deployment }) => join(server, deployment, 'contributor')],
    ['an owner elsewhere', async ({ server }) => join(server, await createOrganisation(server), 'organisation-owner')],
  ])('do not tell %s whether a thing exists that they may not see', async (_, joined) => {
    const { server } = place;
    const visitor = await signedInVisitor(server, await joined(place));
    const before = (await server.events()).length;
    const faults: unknown[] = [];
    for (const route of pageRoutesOf(server)) {
      const address = place.address(route);
      const id = address.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g)?.at(-1);
      if (id === undefined || !/^\/(?:portal|me)\//.test(route.path)) continue;
      const send = async (to: string) => (route.method === 'GET' ? visitor.get(to) : visitor.submit(to, FIELDS));
      const there = await send(address);
      // They may see a place and what they did there themselves.
      if (there.status < 400 || route.path.endsWith('/:id')) continue;
      // A refusal may name the reason to those who see the page of the thing.
      const thing = address.slice(0, address.lastIndexOf(id) + id.length);
      if (route.method === 'POST' && (await visitor.get(thing)).status === 200) continue;
      const absent = await send(address.replace(id, ABSENT_ID));
      const said = [there, absent].map(({ status, text }) => `${String(status)} ${headingOf(text)}`);
      if (isAboutThing(route) && said[0] !== said[1]) faults.push([route.method, route.path, ...said]);
    }
    expect(faults).toEqual([]);
    expect(await server.events()).toHaveLength(before);
  });
});

/** Whether the address names a thing in a place, and not only the place. */
function isAboutThing({ path }: PageRoute): boolean {
  return /:(?!id\b)\w+/.test(path) || path.startsWith('/me/');
}
