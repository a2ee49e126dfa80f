import { describeOnOneEngine } from '../../support/engines.js';
import { createOrganisation, freshEmail, join, type Member, type Place } from '../../support/scenarios.js';
import { PASSWORD, startTestServer, type TestServer } from '../../support/test-server.js';
import { formsIn, headingOf, signedInVisitor, type Visitor } from './portal-support.js';

const NOT_SENT = 'This was not sent';

describeOnOneEngine('a form that was drawn for one account and sent by another', (engine) => {
  let server: TestServer;
  let place: Place;
  let ann: Member;
  let ben: Member;
  let visitor: Visitor;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
    ann = await join(server, place, 'organisation-owner');
    ben = await join(server, place, 'organisation-editor');
  });
  afterAll(async () => server.close());
  beforeEach(async () => {
    visitor = await signedInVisitor(server, ann);
  });

  const invite = (): string => `${place.path.replace('/v1/', '/portal/')}/staff/invite`;
  const signIn = async (who: Member) => visitor.submit('/sign-in', { email: who.email, password: PASSWORD });
  /** The hidden fields of the form on a page that posts to this address. */
  const drawn = async (page: string, action: string) =>
    formsIn((await visitor.get(page)).text).find(([address]) => address === action)![1];
  const personIdOf = async ({ api }: Member) => String((await api.get('/v1/me').expect(200)).body.personId);
  const call = (email: string) => ({
    emails: email,
    role: 'contributor',
    expiresIn: '7d',
    message: 'Line one\nLine two',
  });
  const issuersOf = async (before: number) =>
    (await server.events())
      .slice(before)
      .filter(({ type }) => type === 'InvitationIssued')
      .map(({ metadata }) => metadata.actor);

  it('does nothing, says who is signed in, and can then be sent by either', async () => {
    const email = freshEmail();
    const hidden = await drawn(invite(), invite());
    expect(hidden).toEqual({ drawnFor: await personIdOf(ann) });
    await signIn(ben);
    const before = (await server.events()).length;
    const refused = await visitor.submit(invite(), { ...call(email), ...hidden });
    expect([refused.status, headingOf(refused.text)]).toEqual([409, NOT_SENT]);
    expect(refused.text).toContain(`Name of organisation-editor, ${ben.email}`);
    expect(await server.events()).toHaveLength(before);
    // What was typed stands in the page.
    const [[action, fields]] = formsIn(refused.text) as [[string, Record<string, string>]];
    expect([action, fields]).toEqual([invite(), call(email)]);
    const [first, other] = [...refused.text.matchAll(/name="drawnFor" value="([^"]+)"/g)].map(([, id]) => id!);
    expect([first, other]).toEqual([await personIdOf(ann), await personIdOf(ben)]);
    // As the first account, which isn't signed in yet.
    expect(headingOf((await visitor.submit(action, { ...fields, drawnFor: first! })).text)).toBe(NOT_SENT);
    await signIn(ann);
    expect((await visitor.submit(action, { ...fields, drawnFor: first! })).status).toBe(200);
    expect(await issuersOf(before)).toEqual([first]);
  });

  it('can be sent as the account that is signed in now', async () => {
    const email = freshEmail();
    const hidden = await drawn(invite(), invite());
    await signIn(ben);
    const before = (await server.events()).length;
    await visitor.submit(invite(), { ...call(email), ...hidden });
    expect((await visitor.submit(invite(), { ...call(email), drawnFor: await personIdOf(ben) })).status).toBe(200);
    expect(await issuersOf(before)).toEqual([await personIdOf(ben)]);
  });

  it('does nothing when several accounts are named', async () => {
    await signIn(ben);
    const before = (await server.events()).length;
    const { status } = await visitor.submitPairs('/account/name', [
      ['name', 'Somebody'],
      ['drawnFor', await personIdOf(ben)],
      ['drawnFor', await personIdOf(ann)],
    ]);
    expect([status, (await server.events()).length]).toEqual([409, before]);
  });

  it('keeps no password', async () => {
    const hidden = await drawn('/account/password', '/account/password');
    await signIn(ben);
    const secrets = { currentPassword: 'what was mine', password: 'what will be mine' };
    const { status, text } = await visitor.submit('/account/password', { ...secrets, ...hidden });
    expect([status, headingOf(text), text.includes('mine')]).toEqual([409, NOT_SENT, false]);
  });

  it('loses nothing when the session ended in another tab', async () => {
    const email = freshEmail();
    const hidden = await drawn(invite(), invite());
    await visitor.submit('/sign-out');
    const { status, text } = await visitor.submit(invite(), { ...call(email), ...hidden });
    expect([status, headingOf(text)]).toEqual([409, NOT_SENT]);
    expect(text).toContain('You are signed out. Nothing was changed.');
    const [[action, fields]] = formsIn(text) as [[string, Record<string, string>]];
    await signIn(ann);
    expect((await visitor.submit(action, { ...fields, ...hidden })).text).toContain('1 invitation');
  });

  it('tells a script to show the page above the form', async () => {
    const hidden = await drawn(invite(), invite());
    await signIn(ben);
    const { headers } = await visitor.submit(
      invite(),
      { ...call(freshEmail()), ...hidden },
      {
        Origin: server.url,
        'Sec-Fetch-Site': 'same-origin',
        'HX-Request': 'true',
      },
    );
    expect([headers['hx-retarget'], headers['hx-reselect'], headers['hx-reswap']]).toEqual([
      '#told',
      '.card',
      'innerHTML show:top',
    ]);
  });

  it('signs out the account that is signed in', async () => {
    const hidden = await drawn('/account', '/sign-out');
    await signIn(ben);
    expect((await visitor.submit('/sign-out', hidden)).status).toBe(303);
    expect(visitor.isSignedIn).toBe(false);
  });

  it('names its account on every page of a signed-in person', async () => {
    const start = place.path.replace('/v1/', '/portal/');
    const id = await personIdOf(ann);
    const faults: unknown[] = [];
    let forms = 0;
    for (const path of ['/', '/account', '/account/close', start, `${start}/staff`, invite(), `${start}/roles/new`]) {
      const { text } = await visitor.get(path);
      const posting = [...text.matchAll(/<form\b[^>]*method="post"[^>]*>(<input[^>]*>)?/g)];
      forms += posting.length;
      for (const [form, input] of posting)
        if (input !== `<input type="hidden" name="drawnFor" value="${id}">`) faults.push([path, form]);
    }
    expect(faults).toEqual([]);
    expect(forms).toBeGreaterThan(10);
  });
});
