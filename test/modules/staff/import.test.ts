import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { sql } from 'kysely';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type Api, type TestServer } from '../../support/test-server.js';
import {
  createDeployment,
  createOrganisation,
  freshEmail,
  invite,
  join,
  idle,
  type Member,
  type Place,
} from '../../support/scenarios.js';

const MESSY = readFileSync(resolve(import.meta.dirname, '../../fixtures/csv/messy.csv'));

describeOnOneEngine('the import preview', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let editor: Member;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
    editor = await join(server, organisation, 'organisation-editor');
  });
  afterAll(async () => {
    await server.close();
  });

  const path = (place = organisation): string => `${place.path}/staff-invitations/import`;
  const preview = (file: Buffer | string, by: Api = editor.api, place = organisation) =>
    by.post(path(place)).attach('file', Buffer.from(file as string), 'contacts.csv');

  async function stored(): Promise<unknown> {
    const { rows } =
      await sql`select (select count(*)::int from person) as people, (select count(*)::int from outbox) as mails`.execute(
        server.database.kysely(),
      );
    return { events: (await server.events()).length, tables: rows[0] };
  }

  it.each(['organisation', 'deployment'] as const)(
    'at a %s names the outcome of inviting each address, and every row without one',
    async (level) => {
      const place = level === 'organisation' ? organisation : await createDeployment(server, organisation);
      const member = await join(server, place, 'contributor');
      const pending = freshEmail('pending');
      const { id } = await invite(server, editor.api, place, pending, 'contributor');
      const [ann, bob] = [freshEmail('ann'), freshEmail('bob')];
      await idle(server);
      const before = await stored();
      const file = `E-mail\n${ann}\n${pending.toUpperCase()}\n"Member, A" <${member.email}>\n\n${editor.email}\n${ann.toUpperCase()}\nnobody\n${bob}\n`;
      const { body } = await preview(file, editor.api, place).expect(200);
      expect(body).toEqual({
        recipients: [
          { line: 2, email: ann, outcome: 'invited' },
          {
            line: 3,
            email: pending.toUpperCase(),
            outcome: 'already-pending',
            invitationId: id,
            role: 'contributor',
            roleName: 'Contributor',
          },
          { line: 4, email: member.email, outcome: 'already-member' },
          { line: 6, email: editor.email, outcome: 'not-allowed' },
          { line: 7, email: ann.toUpperCase(), outcome: 'duplicate-in-request' },
          { line: 9, email: bob, outcome: 'invited' },
        ],
        problems: [{ line: 8, text: 'nobody', reason: 'no-address' }],
        summary: {
          invited: 2,
          'already-pending': 1,
          'already-member': 1,
          'not-allowed': 1,
          'duplicate-in-request': 1,
          'invalid-email': 0,
        },
      });
      expect(await stored()).toEqual(before);
    },
  );

  it('of a spreadsheet export leads to invitations of the addresses that can be invited', async () => {
    const place = await createDeployment(server, organisation);
    const previewed = await preview(MESSY, editor.api, place).expect(200);
    expect(previewed.body.summary).toMatchObject({ invited: 5, 'duplicate-in-request': 1 });
    expect(previewed.body.problems.map(({ line }: { line: number }) => line)).toEqual([6, 7, 8]);
    const emails = previewed.body.recipients
      .filter(({ outcome }: { outcome: string }) => outcome === 'invited')
      .map(({ email }: { email: string }) => email);
    const { body } = await editor.api
      .post(`${place.path}/staff-invitations`, { emails, role: 'contributor' })
      .expect(201);
    expect(body.summary.invited).toBe(5);
    expect((await preview(MESSY, editor.api, place).expect(200)).body.summary).toMatchObject({
      invited: 0,
      'already-pending': 5,
      'duplicate-in-request': 1,
    });
  });

  it('names the columns that it left out, because they hold addresses of other people', async () => {
    const [ann, bob, boss, home] = [freshEmail('ann'), freshEmail('bob'), freshEmail('boss'), freshEmail('home')];
    const file = `First Name,Email Address,Recovery Email,Manager Email,Assistant's Phone\nAnn,${ann},${home},${boss},1\nBob,${bob},,${boss},\n`;
    const { body } = await preview(file).expect(200);
    expect(body.recipients.map(({ email }: { email: string }) => email)).toEqual([ann, bob]);
    expect(body.columnsLeftOut).toEqual([
      { column: 3, title: 'Recovery Email' },
      { column: 4, title: 'Manager Email' },
    ]);
    expect((await preview(`Email Address\n${ann}\n`).expect(200)).body).not.toHaveProperty('columnsLeftOut');
  });

  it('is open only to callers who may invite there, and not in an archived scope', async () => {
    const contributor = await join(server, organisation, 'contributor');
    const outsider = await join(server, await createOrganisation(server, 'Another'), 'organisation-owner');
    const closed = await createOrganisation(server, 'Closed');
    await server.admin.post(`${closed.path}/archive`).expect(200);
    const refusals = [
      await preview(MESSY, server.anonymous),
      await preview(MESSY, contributor.api),
      await preview(MESSY, outsider.api),
      await preview(MESSY, server.admin, closed),
    ];
    expect(refusals.map(({ status, body }) => `${status} ${body.code}`)).toEqual([
      '401 unauthenticated',
      '403 forbidden',
      '404 not-found',
      '409 scope-archived',
    ]);
  });

  it.each<[string, (post: ReturnType<Api['post']>) => ReturnType<Api['post']>]>([
    ['no body', (post) => post],
    ['a form without it', (post) => post.field('role', 'contributor')],
    ['a part of another name', (post) => post.attach('contacts', MESSY, 'contacts.csv')],
    ['two files', (post) => post.attach('file', MESSY, 'a.csv').attach('file', MESSY, 'b.csv')],
    [
      'three files',
      (post) => post.attach('file', MESSY, 'a.csv').attach('file', MESSY, 'b.csv').attach('file', MESSY, 'c.csv'),
    ],
    ['an empty file', (post) => post.attach('file', Buffer.alloc(0), 'contacts.csv')],
    [
      'a form that is cut short',
      (post) =>
        post
          .set('Content-Type', 'multipart/form-data; boundary=x')
          .send('--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na@b.exam'),
    ],
    ['a form without a boundary', (post) => post.set('Content-Type', 'multipart/form-data').send('x')],
    ['a form of nothing', (post) => post.set('Content-Type', 'multipart/form-data; boundary=x').send('')],
  ])('needs one file, and refuses %s', async (_, filled) => {
    const { status, body } = await filled(editor.api.post(path()));
    expect({ status, code: body.code, fields: body.errors?.map(({ field }: { field: string }) => field) }).toEqual({
      status: 400,
      code: 'invalid-input',
      fields: ['file'],
    });
  });

  it('takes the file from any position in the form, with or without a name', async () => {
    await editor.api
      .post(path())
      .field('role', 'contributor')
      .attach('file', MESSY, 'contacts.csv')
      .field('more', 'x')
      .expect(200);
    const { body } = await editor.api.post(path()).field('file', 'ann@clinic.example').expect(200);
    expect(body.recipients).toHaveLength(1);
  });

  it('takes only a form, and other routes take no form', async () => {
    for (const type of ['application/json', 'text/csv', 'application/x-www-form-urlencoded']) {
      expect((await editor.api.post(path()).set('Content-Type', type).send('{}')).body.code).toBe(
        'unsupported-media-type',
      );
    }
    const { body } = await editor.api
      .post(`${organisation.path}/staff-invitations`)
      .attach('file', MESSY, 'contacts.csv')
      .expect(415);
    expect(body.code).toBe('unsupported-media-type');
  });

  it('refuses a file of another kind, with advice', async () => {
    const { body } = await preview(Buffer.from('PK\x03\x04\x14\0', 'latin1')).expect(422);
    expect(body).toMatchObject({
      code: 'not-a-contact-file',
      errors: [{ field: 'file', message: 'is a workbook or an archive: save it as CSV and send that' }],
    });
    expect((await preview('x\n'.repeat(50_002)).expect(422)).body.code).toBe('too-many-rows');
  });
});
