import { sql } from 'kysely';
import { Clock } from '../../src/shared/time/clock.js';
import { ProjectionRunners } from '../../src/shared/projections/projection-runners.js';
import { MailDispatcher } from '../../src/shared/outbox/mail-dispatcher.js';
import { Api, PASSWORD, type TestServer } from './test-server.js';
import { waitFor } from './wait-for.js';

export interface Place {
  id: string;
  /** `/v1/organisations/<id>`, `/v1/deployments/<id>` or `/v1/groups/<id>`. */
  path: string;
}

export interface Member {
  email: string;
  api: Api;
  membershipId: string;
}

let counter = 0;
/** An address that this process uses nowhere else. */
export function freshEmail(name = 'person'): string {
  counter += 1;
  return `${name}-${String(counter)}@example.test`;
}

export async function createOrganisation(server: TestServer, name = 'Riverside Hospital'): Promise<Place> {
  const { body } = await server.admin.post('/v1/organisations', { name }).expect(201);
  const { id } = body as { id: string };
  return { id, path: `/v1/organisations/${id}` };
}

export async function createDeployment(server: TestServer, organisation: Place, name = 'Cohort A'): Promise<Place> {
  const { body } = await server.admin.post(`${organisation.path}/deployments`, { name }).expect(201);
  const { id } = body as { id: string };
  return { id, path: `/v1/deployments/${id}` };
}

/** Makes a group, whose administrator is its creator. */
export async function createGroup(
  server: TestServer,
  organisation: Place,
  name = 'Tumour board',
  by = server.admin,
): Promise<Place> {
  const { body } = await by.post(`${organisation.path}/groups`, { name }).expect(201);
  const { id } = body as { id: string };
  return { id, path: `/v1/groups/${id}` };
}

/** Invites one address as a patient. @returns the invitationId and the mailed link's token */
export async function invitePatient(
  server: TestServer,
  by: Api,
  deployment: Place,
  email: string,
  extra: object = {},
): Promise<{ id: string; token: string }> {
  return inviteTo(server, by, `${deployment.path}/patient-invitations`, email, extra);
}

/** Makes a link by which people ask for a patient invitation. */
export async function makePatientLink(
  by: Api,
  deployment: Place,
  options: object = {},
): Promise<{ id: string; token: string }> {
  const { body } = await by.post(`${deployment.path}/patient-links`, { expiresIn: '7d', ...options }).expect(201);
  const { id, url } = body as { id: string; url: string };
  return { id, token: url.slice(url.lastIndexOf('/') + 1) };
}

/** Invites a patient, who accepts with a new account and is signed in. */
export async function enrol(
  server: TestServer,
  deployment: Place,
  email = freshEmail('patient'),
  by = server.admin,
): Promise<Member> {
  const { token } = await invitePatient(server, by, deployment, email);
  return accept(server, token, email, 'Name of patient');
}

/** Invites one address as an observer. @returns the invitationId and the mailed link's token */
export async function inviteObserver(
  server: TestServer,
  by: Api,
  deployment: Place,
  email: string,
  extra: object = {},
): Promise<{ id: string; token: string }> {
  return inviteTo(server, by, `${deployment.path}/observer-invitations`, email, extra);
}

/** Invites an observer, who accepts with a new account and is signed in. */
export async function observe(
  server: TestServer,
  deployment: Place,
  email = freshEmail('observer'),
  by = server.admin,
): Promise<Member> {
  const { token } = await inviteObserver(server, by, deployment, email);
  return accept(server, token, email, 'Name of observer');
}

/** Invites one address. @returns the invitationId and the mailed link's token */
export async function invite(
  server: TestServer,
  by: Api,
  place: Place,
  email: string,
  role: string,
): Promise<{ id: string; token: string }> {
  return inviteTo(server, by, `${place.path}/staff-invitations`, email, { role });
}

/** The permission set of a group member. An absent field means false. */
export interface GroupSet {
  administrator?: boolean;
  contentCreator?: boolean;
}

/** Invites one address to a group. @returns the invitationId and the mailed link's token */
export async function inviteToGroup(
  server: TestServer,
  by: Api,
  group: Place,
  email: string,
  { administrator = false, contentCreator = false }: GroupSet = {},
): Promise<{ id: string; token: string }> {
  return inviteTo(server, by, `${group.path}/invitations`, email, { administrator, contentCreator });
}

/** Invites a person to a group, who accepts with a new account and is signed in. */
export async function joinGroup(
  server: TestServer,
  group: Place,
  set: GroupSet = {},
  email = freshEmail('member'),
  by = server.admin,
): Promise<Member> {
  const { token } = await inviteToGroup(server, by, group, email, set);
  return accept(server, token, email, 'Name of member');
}

async function inviteTo(
  server: TestServer,
  by: Api,
  path: string,
  email: string,
  extra: object,
): Promise<{ id: string; token: string }> {
  // Only mails with a link count, because other mails to the address may arrive meanwhile.
  const links = (): string[] =>
    server.smtp
      .to(email)
      .map(({ token }) => token)
      .filter(Boolean);
  const before = links().length;
  const { body } = await by.post(path, { emails: [email], ...extra }).expect(201);
  const [result] = (body as { results: { invitationId: string }[] }).results;
  await server.smtp.waitUntil(() => links().length > before);
  return { id: result!.invitationId, token: links()[before]! };
}

/** Invites a person to a role, who accepts with a new account and is signed in. */
export async function join(
  server: TestServer,
  place: Place,
  role: string,
  email = freshEmail(role),
  by = server.admin,
): Promise<Member> {
  const { token } = await invite(server, by, place, email, role);
  return accept(server, token, email, `Name of ${role}`);
}

async function accept(server: TestServer, token: string, email: string, name: string): Promise<Member> {
  const { body } = await server.anonymous
    .post(`/v1/invitations/${token}/accept`, { name, password: PASSWORD })
    .expect(200);
  const { membershipId, token: session } = body as { membershipId: string; token: string };
  return { email, membershipId, api: new Api(server.url, session) };
}

/** Gives a person a role elsewhere, because a person without a place is signed out. @returns the same person */
export async function withPlaceElsewhere<Somebody extends { email: string; api: Api }>(
  server: TestServer,
  somebody: Somebody,
): Promise<Somebody> {
  const { token } = await invite(
    server,
    server.admin,
    await createOrganisation(server, 'Of no interest'),
    somebody.email,
    'contributor',
  );
  await somebody.api.post(`/v1/invitations/${token}/accept`).expect(200);
  return somebody;
}

/** Resolves when the read models that aren't paused have applied all events so far. Only lists depend on them, not permissions and links. */
export async function readModelsCaughtUp(server: TestServer): Promise<void> {
  const { all } = server.running.app.get(ProjectionRunners);
  const caughtUp = await Promise.all(
    all.map(async (runner) => {
      const isPaused = (await runner.status()).every(({ error }) => error !== null);
      return isPaused || runner.caughtUp(20_000);
    }),
  );
  if (caughtUp.includes(false)) throw new Error('the read models do not catch up');
}

/** Pauses a read model behind the events so far, as an event that it can't apply does. */
export async function pauseReadModel(server: TestServer, name: string): Promise<void> {
  await readModelsCaughtUp(server);
  await sql`update checkpoint set error = 'RangeError' where name = ${name}`.execute(server.database.kysely());
}

/** Runs the dispatcher until every due mail was sent or dropped. */
export async function waitUntilSent(server: TestServer): Promise<void> {
  const { app } = server.running;
  app.get(MailDispatcher).notify();
  await waitFor('an empty outbox', async () => {
    const { rows } =
      await sql`select 1 from outbox where state = 'pending' and due_at <= ${app.get(Clock).now().toISOString()}::timestamptz limit 1`.execute(
        server.database.kysely(),
      );
    return rows.length === 0;
  });
}

/** Waits until the read models have applied all events so far, and every due mail was sent or dropped. */
export async function idle(server: TestServer): Promise<void> {
  await readModelsCaughtUp(server);
  await waitUntilSent(server);
}
