import { createSecretKey } from 'node:crypto';
import { sql } from 'kysely';
import { deriveKey } from '../../../src/bootstrap/secrets.js';
import type { EmailAddress } from '../../../src/shared/mail/email-address.js';
import { People } from '../../../src/modules/people/people.js';
import { seal } from '../../../src/shared/crypto/sealing.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { PASSWORD, SECRETS, startTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';
import {
  createGroup,
  createOrganisation,
  freshEmail,
  invite,
  join,
  readModelsCaughtUp,
  idle,
  type Place,
} from '../../support/scenarios.js';

const MASTER_KEY = createSecretKey(deriveKey(SECRETS.MASTER_KEY, 'master'));

describeOnOneEngine('an invalid address that an older version stored', (engine) => {
  let server: TestServer;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
  });
  afterEach(() => {
    server.smtp.refuse(() => null);
  });
  afterAll(async () => {
    await server.close();
  });

  const people = (): People => server.running.app.get(People);

  /** Replaces a person's address by a spelling that an older version stored, in which a mail server reads `email`. */
  async function misspell(email: string, stored = `x\u3000${email}`): Promise<{ id: string; stored: string }> {
    const person = (await people().find([email as EmailAddress])).get(email as EmailAddress)!;
    const twin = (await people().getOrCreate([stored as EmailAddress])).get(stored as EmailAddress)!;
    const db = server.database.kysely();
    const { rows } = await sql<{
      email_hash: string;
    }>`select email_hash from person where id = ${twin.personId}`.execute(db);
    await sql`delete from person where id = ${twin.personId}`.execute(db);
    await sql`update person set email_hash = ${rows[0]!.email_hash}, sealed_email = ${seal(MASTER_KEY, `${person.personId}|email`, stored)} where id = ${person.personId}`.execute(
      db,
    );
    return { id: person.personId, stored };
  }

  const inviteByCall = async (email: string): Promise<string> => {
    const { body } = await server.admin
      .post(`${organisation.path}/staff-invitations`, { emails: [email], role: 'contributor' })
      .expect(201);
    return body.results[0].invitationId;
  };
  const shown = async (id: string) => (await server.admin.get(`/v1/staff-invitations/${id}`).expect(200)).body;
  const outboxOf = async (id: string) =>
    (
      await sql<{
        state: string;
        attempts: number;
        kind: string;
        claimed: boolean;
      }>`select state, attempts, kind, lease_until is not null as claimed from outbox where invitation_id = ${id} order by issue, kind`.execute(
        server.database.kysely(),
      )
    ).rows;

  it('gets no pending mail, and the list gives the reason', async () => {
    const email = freshEmail('waiting');
    server.smtp.refuse((to) => (to === email ? 451 : null));
    const id = await inviteByCall(email);
    await waitFor('a first refusal', async () =>
      (await outboxOf(id)).some(({ attempts, claimed }) => attempts > 0 && !claimed),
    );
    const { stored } = await misspell(email);
    server.smtp.refuse(() => null);
    const before = server.smtp.rcptTo.length;
    await waitFor('the end of the pending mails', async () =>
      (await outboxOf(id)).every(({ state }) => state !== 'pending'),
    );
    expect(await outboxOf(id)).toEqual([
      { state: 'address-invalid', attempts: expect.any(Number), kind: 'invitation', claimed: false },
    ]);
    expect(server.smtp.rcptTo.slice(before)).toEqual([]);
    const { body } = await server.admin.get(`${organisation.path}/staff-invitations`).expect(200);
    expect(body.items.find((item: { id: string }) => item.id === id)).toMatchObject({
      email: stored,
      state: 'pending',
      mail: { state: 'address-invalid' },
    });
    expect(server.logs.join('')).not.toContain(stored);
  });

  it('gets no mail by a resend, whose answer says so, and the invitation can be revoked', async () => {
    const email = freshEmail('again');
    const { id } = await invite(server, server.admin, organisation, email, 'contributor');
    await misspell(email);
    expect(await shown(id)).toMatchObject({ mail: { state: 'address-invalid' } });
    const before = server.smtp.rcptTo.length;
    const { body } = await server.admin.post(`/v1/staff-invitations/${id}/resend`, {}).expect(200);
    expect(body).toMatchObject({ issue: 2, mail: { state: 'address-invalid' } });
    await idle(server);
    expect((await outboxOf(id)).at(-1)).toMatchObject({ state: 'address-invalid' });
    expect(server.smtp.rcptTo.slice(before)).toEqual([]);
    await server.admin.delete(`/v1/staff-invitations/${id}`).expect(204);
    await readModelsCaughtUp(server);
    expect(await shown(id)).toMatchObject({ state: 'revoked', mail: { state: 'address-invalid' } });
  });

  it('cannot sign in, by its stored spelling or as the mailbox in it', async () => {
    const member = await join(server, organisation, 'contributor');
    const { stored } = await misspell(member.email);
    const unknown = await server.anonymous
      .post('/v1/auth/sign-in/email', { email: freshEmail('unknown'), password: PASSWORD })
      .expect(401);
    for (const email of [stored, member.email]) {
      const { body } = await server.anonymous.post('/v1/auth/sign-in/email', { email, password: PASSWORD }).expect(401);
      expect({ ...body, instance: null, requestId: null }).toEqual({
        ...unknown.body,
        instance: null,
        requestId: null,
      });
    }
  });

  it('is shown in lists and to the person who is signed in', async () => {
    const member = await join(server, organisation, 'contributor');
    const { stored } = await misspell(member.email);
    expect((await member.api.get('/v1/me').expect(200)).body).toMatchObject({
      email: stored,
      memberships: [expect.anything()],
    });
    await readModelsCaughtUp(server);
    const { body } = await server.admin.get(`${organisation.path}/staff`).expect(200);
    expect(body.items.map((item: { email: string }) => item.email)).toContain(stored);
    await member.api.get('/v1/me/invitations').expect(200);
  });

  it('does not invalidate the link that was mailed before', async () => {
    const email = freshEmail('linked');
    const { token } = await invite(server, server.admin, organisation, email, 'contributor');
    const { stored } = await misspell(email);
    expect((await server.anonymous.get(`/v1/invitations/${token}`).expect(200)).body).toMatchObject({
      email: stored,
      account: 'none',
    });
    const { body } = await server.anonymous
      .post(`/v1/invitations/${token}/accept`, { name: 'Ann', password: PASSWORD })
      .expect(200);
    await server.signedIn(body.token).get('/v1/me').expect(200);
  });

  it('cannot be invited, by its spelling or by the id of the person', async () => {
    const member = await join(server, organisation, 'contributor');
    const { id, stored } = await misspell(member.email);
    await readModelsCaughtUp(server);
    const { body: byCall } = await server.admin
      .post(`${organisation.path}/staff-invitations`, { emails: [stored, '"ann"@ex.example'], role: 'admin' })
      .expect(201);
    expect(byCall.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'invalid-email',
      'invalid-email',
    ]);
    const group = await createGroup(server, organisation);
    const { body: picked } = await server.admin
      .post(`${group.path}/invitations`, { personIds: [id], administrator: false, contentCreator: false })
      .expect(201);
    expect(picked.results).toMatchObject([{ personId: id, outcome: 'invalid-email' }]);
  });
});
