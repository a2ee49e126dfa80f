import { faultOf } from '../../../src/modules/accounts/new-password.js';
import { Accounts } from '../../../src/modules/accounts/accounts.js';
import { normaliseEmail, type EmailAddress } from '../../../src/shared/mail/email-address.js';
import { People } from '../../../src/modules/people/people.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../../support/test-server.js';
import { createOrganisation, freshEmail, invite, join, type Place } from '../../support/scenarios.js';
import { headingOf, Visitor } from '../portal/portal-support.js';

const OWN = 'gertrude.wollstonecraft@köln.example';
/** Passwords that are refused, each with the code and the words of the page. */
const REFUSED: readonly (readonly [password: string, code: string, said: RegExp])[] = [
  ['password123', 'password-too-common', /too common/],
  ['QwertyUiop', 'password-too-common', /too common/],
  [' Password1234 ', 'password-too-common', /too common/],
  ['1111111111111111', 'password-too-common', /too common/],
  ['abababababab', 'password-too-common', /too common/],
  ['9876543210', 'password-too-common', /too common/],
  [' '.repeat(12), 'password-blank', /only spaces/],
  ['\u3000\u200b\u00a0\u2003'.repeat(3), 'password-blank', /only spaces/],
  ['half a \ud83d character', 'password-not-text', /broken character/],
  ['half a \ude00 character', 'password-not-text', /broken character/],
  [OWN, 'password-is-address', /must not be your e-mail address/],
  ['Gertrude.Wollstonecraft@KÖLN.example', 'password-is-address', /must not be your e-mail address/],
  ['gertrude.wollstonecraft@xn--kln-sna.example', 'password-is-address', /must not be your e-mail address/],
  [' GERTRUDE.wollstonecraft', 'password-is-address', /must not be your e-mail address/],
];
const FINE = [
  'correct horse battery',
  'passwörter sind schwer',
  '\u{1F600}\u{1F436}\u{1F340}\u{1F680}\u{1F33B}',
  'wollstonecraft wrote it',
  ' with blanks around ',
];

describe('a new password', () => {
  const own = normaliseEmail(OWN) as EmailAddress;

  it.each(REFUSED)('is refused with a code: %j', (password, code) => {
    expect(faultOf(password, own)).toBe(code);
  });

  it.each(FINE)('is accepted otherwise: %j', (password) => {
    expect(faultOf(password, own)).toBeNull();
  });
});

describeOnOneEngine('passwords that are refused', (engine) => {
  let server: TestServer;
  let place: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    place = await createOrganisation(server);
  });
  afterAll(async () => server.close());

  it('keep the invitation pending, and are answered with a code', async () => {
    const { token } = await invite(server, server.admin, place, OWN, 'contributor');
    const before = (await server.events()).length;
    for (const [password, code] of REFUSED) {
      const { status, body } = await server.anonymous.post(`/v1/invitations/${token}/accept`, {
        name: 'Gertrude',
        password,
      });
      const { code: problem, errors } = body as { code: string; errors: unknown };
      expect([password, status, problem, errors]).toEqual([
        password,
        400,
        'invalid-input',
        [{ field: 'password', code, message: expect.any(String) }],
      ]);
    }
    expect((await server.events()).length).toBe(before);
    await server.anonymous
      .post(`/v1/invitations/${token}/accept`, { name: 'Gertrude', password: FINE[0]! })
      .expect(200);
  });

  it('show the form again, with the reason at the field', async () => {
    const { token } = await invite(
      server,
      server.admin,
      place,
      `gertrude.wollstonecraft@${freshEmail().split('@')[1]!}`,
      'contributor',
    );
    for (const [password, , said] of REFUSED) {
      // A browser sends no half of a surrogate pair, and the address in the list is not this invitee's.
      if (!password.isWellFormed() || password.includes('@')) continue;
      const { status, text } = await new Visitor(server.url).submit(`/invitations/${token}/accept`, {
        name: 'Gertrude',
        password,
      });
      expect([password, status, said.test(text), text.includes('value="Gertrude"')]).toEqual([
        password,
        400,
        true,
        true,
      ]);
    }
    const visitor = new Visitor(server.url);
    await visitor.submit(`/invitations/${token}/accept`, { name: 'Gertrude', password: FINE[0]! });
    expect(headingOf((await visitor.get(`/invitations/${token}/welcome`)).text)).toContain('Welcome');
  });

  it('still sign in if they were chosen before the rule', async () => {
    const { email } = await join(server, place, 'contributor');
    const [accounts, address] = [server.running.app.get(Accounts), normaliseEmail(email) as EmailAddress];
    const { personId } = (await server.running.app.get(People).find([address])).get(address)!;
    for (const password of ['password123', email, ' '.repeat(12)]) {
      await accounts.install(personId, { name: 'As before', passwordHash: await accounts.hashPassword(password) });
      await server.signIn(email, password);
    }
  });

  it('stop a start that would make the first super-admin, by a message without the password', async () => {
    for (const [email, password] of [
      ['root@rolecall.test', 'password1234'],
      ['administrator.root@rolecall.test', 'Administrator.Root'],
    ] as const) {
      await expect(startTestServer(engine, { ADMIN_EMAIL: email, ADMIN_PASSWORD: password })).rejects.toThrow(
        /^ADMIN_PASSWORD (?:is too common|must not be)(?!.*(?:1234|Root))/,
      );
    }
    await server.signIn(ADMIN.email, ADMIN.password);
  });
});
