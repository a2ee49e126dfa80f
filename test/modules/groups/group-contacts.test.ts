import { domainToASCII } from 'node:url';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import {
  createGroup,
  createOrganisation,
  freshEmail,
  inviteToGroup,
  joinGroup,
  idle,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { longContactFile, type LongContactFile } from './long-contact-file.js';

const WRITTEN: [string, (file: LongContactFile) => Buffer][] = [
  ['UTF-8 with a byte order mark, commas', (file) => Buffer.from(`\uFEFF${file.text(',')}`)],
  ['UTF-16, tabs', (file) => Buffer.from(`\uFEFF${file.text('\t')}`, 'utf16le')],
  ['Windows-1252, semicolons', (file) => Buffer.from(file.text(';'), 'latin1')],
];
/** The address as the product stores it. */
const kept = (email: string): string =>
  email.toLowerCase().replace(/@.*/, (domain) => `@${domainToASCII(domain.slice(1))}`);

describeOnOneEngine('a contact file of two thousand rows for a group', (engine) => {
  let server: TestServer;
  let group: Place;
  let administrator: Member;
  let file: LongContactFile;
  beforeAll(async () => {
    server = await startTestServer(engine);
    group = await createGroup(server, await createOrganisation(server));
    administrator = await joinGroup(server, group, { administrator: true });
    const [pending, { email: member }] = [freshEmail('pending'), await joinGroup(server, group)];
    await inviteToGroup(server, administrator.api, group, pending);
    file = longContactFile({ pending, member, own: administrator.email });
  });
  afterAll(async () => {
    await server.close();
  });

  const preview = async (bytes: Buffer) =>
    (await administrator.api.post(`${group.path}/invitations/import`).attach('file', bytes, 'contacts.csv').expect(200))
      .body;

  it.each(WRITTEN)('is previewed row by row, with the problem of each bad row: %s', async (_, written) => {
    const before = (await server.events()).length;
    const { recipients, problems, summary } = await preview(written(file));
    expect(file.rows).toBe(2000);
    const rows = recipients as { line: number; email: string; outcome: string; invitationId?: string; role?: string }[];
    expect(rows.map(({ line, email, outcome }) => ({ line, email, outcome }))).toEqual(file.recipients);
    // A caller who may identify people learns which invitation is pending, and its grant.
    expect(rows.filter(({ invitationId }) => invitationId).map(({ outcome, role }) => [outcome, role])).toEqual([
      ['already-pending', 'viewer'],
    ]);
    expect(problems.map(({ line, reason }: { line: number; reason: string }) => ({ line, reason }))).toEqual(
      file.problems,
    );
    expect(summary).toEqual({
      invited: 500,
      'already-pending': 1,
      'already-member': 1,
      'not-allowed': 1,
      'duplicate-in-request': file.recipients.length - 503,
      'invalid-email': 0,
    });
    expect((await server.events()).length).toBe(before);
  });

  it('becomes five hundred pending invitations with one mail each', async () => {
    const { recipients } = (await preview(WRITTEN[0]![1](file))) as LongContactFile;
    const emails = recipients.filter(({ outcome }) => outcome === 'invited').map(({ email }) => email);
    const inviting = () =>
      administrator.api
        .post(`${group.path}/invitations`, { emails, administrator: false, contentCreator: true, message: 'Welcome' })
        .expect(201);
    const { body } = await inviting();
    expect([body.summary.invited, body.results.map(({ email }: { email: string }) => email)]).toEqual([500, emails]);
    await idle(server);
    const wanted = emails.map(kept).sort();
    const pending: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const answer = await administrator.api
        .get(
          `${group.path}/invitations?state=pending&role=content-creator&limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
        )
        .expect(200);
      const page = answer.body as { items: { email: string; mail: { state: string } }[]; nextCursor: string | null };
      expect(page.items.filter(({ mail }) => mail.state !== 'sent')).toEqual([]);
      pending.push(...page.items.map(({ email }) => email));
      cursor = page.nextCursor;
    }
    expect(pending.sort()).toEqual(wanted);
    expect(
      server.smtp.mails
        .map(({ to }) => kept(to))
        .filter((to) => to.endsWith('@clinic.example') || to.endsWith('@xn--kln-sna.example'))
        .sort(),
    ).toEqual(wanted);
    expect((await inviting()).body.summary).toMatchObject({ invited: 0, 'already-pending': 500 });
  });
});
