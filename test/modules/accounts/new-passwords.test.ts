import { faultOf } from '../../../src/modules/accounts/new-password.js';
import { Accounts } from '../../../src/modules/accounts/accounts.js';
import { normaliseEmail, type EmailAddress } from '../../../src/shared/mail/email-address.js';
import { People } from '../../../src/modules/people/people.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { ADMIN, startTestServer, type TestServer } from '../../support/test-server.js';
import { createOrganisation, freshEmail, invite, join, type Place } from '../../support/scenarios.js';
import { headingOf, Visitor } from '../portal/portal-support.js';

const OWN = 'gertrude.wollstonecraft@köln.example';
/** Why each is refused, and in which words a page says so. */
const REFUSED: readonly (readonly [password: string, code: string, said: RegExp])[] = [
  ['password123', 'password-too-common', /too common/],
  ['QwertyUiop', 'password-too-common', /too common/],
  [' Password1234 ', 'password-too-common', /too common/],
  ['1111111111111111', 'password-too-common', /too common/],
  ['abababababab', 'password-too-common', /too common/],
  ['9876543210', 'password-too-common', /too common/],
  [' '.repeat(12), 'password-blank', /more than blanks/],
  ['\u3000\u200b\u00a0\u2003'.repeat(3), 'password-blank', /more than blanks/],
  ['half a \ud83d character', 'password-not-text', /half a character/],
  ['half a \ude00 character', 'password-not-text', /half a character/],
  [OWN, 'password-is-address', /no password/],
  ['Gertrude.Wollstonecraft@KÖLN.example', 'password-is-address', /no password/],
  ['gertrude.wollstonecraft@xn--kln-sna.example', 'password-is-address', /no password/],
  [' GERTRUDE.wollstonecraft', 'password-is-address', /no password/],
];
const FINE = [
  'correct horse battery',
  'passwörter sind schwer',
  '\u{1F600}\u{1F436}\u{1F340}\u{1F680}\u{1F33B}',
  'wollstonecraft wrote it',
  ' with blanks around ',
];

describe('a password that somebody chooses', () => {
  const own = normaliseEmail(OWN) as EmailAddress;

  it.each(REFUSED)('is refused with a code: %j', (password, code) => {
    expect(faultOf(password, own)).toBe(code);
  });

  it.each(FINE)('is taken otherwise: %j', (password) => {
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

  it('leave the invitation as it was, and say why by a code', async () => {
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

  it('leave the page where it was, with the reason at the field', async () => {
    const { token } = await invite(
      server,
      server.admin,
      place,
      `gertrude.wollstonecraft@${freshEmail().split('@')[1]!}`,
      'contributor',
    );
    for (const [password, , said] of REFUSED) {
      // A browser sends no half of a surrogate pair; an address of another domain is another person's.
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
    const welcome = await new Visitor(server.url).submit(`/invitations/${token}/accept`, {
      name: 'Gertrude',
      password: FINE[0]!,
    });
    expect(headingOf(welcome.text)).toContain('Welcome');
  });

  it('go on signing in where they were chosen before', async () => {
    const { email } = await join(server, place, 'contributor');
    const [accounts, address] = [server.running.app.get(Accounts), normaliseEmail(email) as EmailAddress];
    const { personId } = (await server.running.app.get(People).find([address])).get(address)!;
    for (const password of ['password123', email, ' '.repeat(12)]) {
      await accounts.install(personId, { name: 'As before', passwordHash: await accounts.hashPassword(password) });
      await server.signIn(email, password);
    }
  });

  it("end a start that would make the first super-admin with one, by a sentence without it; one that is made already doesn't mind", async () => {
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
