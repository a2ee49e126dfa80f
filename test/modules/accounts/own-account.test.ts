import { Accounts } from '../../../src/modules/accounts/accounts.js';
import { ProjectionRunner } from '../../../src/shared/projections/projection-runner.js';
import { EventStore, EventStoreUnavailable, type StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { describeOnEngines } from '../../support/engines.js';
import { failOnce, restore } from '../../support/injected-failure.js';
import {
  createGroup,
  createOrganisation,
  freshEmail,
  invite,
  inviteToGroup,
  join,
  readModelsCaughtUp,
  type Member,
  type Place,
} from '../../support/scenarios.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { waitFor } from '../../support/wait-for.js';

const NEW_NAME = 'Zoë Müller-Ōta';

describeOnEngines("one's own name", (engine) => {
  let server: TestServer;
  let organisation: Place;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server);
  });
  afterAll(async () => {
    await server.close();
  });

  const personOf = async ({ api }: Pick<Member, 'api'>): Promise<string> =>
    (await api.get('/v1/me').expect(200)).body.personId;
  const changesOf = async (personId: string): Promise<StoredEvent[]> =>
    (await server.events()).filter(({ stream, type }) => stream === `person-${personId}` && type === 'NameChanged');

  it('changes everywhere that shows it', async () => {
    const [member, owner] = [
      await join(server, organisation, 'contributor'),
      await join(server, organisation, 'organisation-owner'),
    ];
    const group = await createGroup(server, organisation, 'Board', owner.api);
    const { token } = await inviteToGroup(server, owner.api, group, member.email);
    await member.api.post(`/v1/invitations/${token}/accept`).expect(200);
    const { body, headers } = await member.api.patch('/v1/me', { name: `  ${NEW_NAME} ` }).expect(200);
    const personId = await personOf(member);
    expect(body).toEqual({ personId, name: NEW_NAME, email: member.email });
    const after = async (by: Member, path: string) => (await by.api.after(headers['event-position']!, path)).body;
    const named = expect.objectContaining({ email: member.email, name: NEW_NAME });
    expect(await after(member, '/v1/me')).toMatchObject({ personId, name: NEW_NAME });
    expect((await after(owner, `${organisation.path}/staff?q=${encodeURIComponent('müller')}`)).items).toEqual([named]);
    expect(await after(owner, `/v1/staff/${member.membershipId}`)).toEqual(named);
    expect((await after(owner, `${group.path}/members`)).items).toContainEqual(named);
  });

  it('stands sealed on the stream of the person alone, and nowhere in the log of the server', async () => {
    const member = await join(server, organisation, 'contributor');
    const name = 'Very Unusual Name';
    await member.api.patch('/v1/me', { name }).expect(200);
    const personId = await personOf(member);
    const changes = await changesOf(personId);
    expect(changes.map(({ data, metadata }) => [Object.keys(data), metadata.actor])).toEqual([[['name'], personId]]);
    expect(JSON.stringify(await server.events())).not.toContain(name);
    expect(server.logs.join('')).not.toContain(name);
  });

  it('is stored once when it is the same, also the one of the acceptance', async () => {
    const member = await join(server, organisation, 'contributor');
    const change = async (name: string): Promise<void> => {
      await member.api.patch('/v1/me', { name }).expect(200);
    };
    await change('Name of contributor');
    const personId = await personOf(member);
    expect(await changesOf(personId)).toEqual([]);
    for (const name of ['Ann', 'Ann', ' Ann ', 'Bob', 'Name of contributor', 'Name of contributor']) await change(name);
    expect(await changesOf(personId)).toHaveLength(3);
  });

  it('is decided by the stream after a crash before the row of the account followed', async () => {
    const member = await join(server, organisation, 'contributor');
    const accounts = server.running.app.get(Accounts);
    failOnce(accounts, 'rename', 'before');
    await member.api.patch('/v1/me', { name: 'Ann' }).expect(500);
    restore(accounts);
    await member.api.patch('/v1/me', { name: 'Ann' }).expect(200);
    expect(await changesOf(await personOf(member))).toHaveLength(1);
    await member.api.patch('/v1/me', { name: 'Name of contributor' }).expect(200);
    await readModelsCaughtUp(server);
    expect((await member.api.get('/v1/me')).body.name).toBe('Name of contributor');
  });

  it('is one name when several calls change it at once', async () => {
    const member = await join(server, organisation, 'contributor');
    const names = ['Ann', 'Bob', 'Cleo', 'Dan'];
    const statuses = await Promise.all(names.map(async (name) => (await member.api.patch('/v1/me', { name })).status));
    expect(statuses).toEqual([200, 200, 200, 200]);
    await readModelsCaughtUp(server);
    expect(names).toContain((await member.api.get('/v1/me').expect(200)).body.name);
    expect(await changesOf(await personOf(member))).toHaveLength(4);
  });

  it.each([[{}], [{ name: '' }], [{ name: '  ' }], [{ name: 'a'.repeat(201) }], [{ name: 'Ann\nSmith' }]])(
    'is refused like the name of an acceptance: %j',
    async (body) => {
      const member = await join(server, organisation, 'contributor');
      const answer = await member.api.patch('/v1/me', body).expect(400);
      expect(answer.body.errors).toMatchObject([{ field: 'name' }]);
      const { token } = await invite(server, server.admin, organisation, freshEmail(), 'contributor');
      const accepting = { password: 'a perfectly fine password', ...body };
      await server.anonymous.post(`/v1/invitations/${token}/accept`, accepting).expect(400);
    },
  );

  it('holds no link, so that nobody sends one in an invitation', async () => {
    const member = await join(server, organisation, 'contributor');
    await member.api.patch('/v1/me', { name: 'Visit https://evil.example now' }).expect(400);
  });

  it('is the same after a rebuild of the directory', async () => {
    const member = await join(server, organisation, 'contributor');
    await member.api.patch('/v1/me', { name: 'Before' }).expect(200);
    await member.api.patch('/v1/me', { name: 'Rebuilt' }).expect(200);
    await readModelsCaughtUp(server);
    const projections = server.running.app.get(ProjectionRunner);
    await server.database
      .kysely<{ person_directory: { name: string | null } }>()
      .updateTable('person_directory')
      .set({ name: null })
      .execute();
    expect(await projections.rebuild('person-directory')).toBe(true);
    await waitFor('the rebuild', async () => (await member.api.get('/v1/me')).body.name === 'Rebuilt');
  });

  it('is not answered before it is stored', async () => {
    const member = await join(server, organisation, 'contributor');
    const store = server.running.app.get(EventStore);
    failOnce(store, 'appendMany', 'before', { error: new EventStoreUnavailable() });
    await member.api.patch('/v1/me', { name: 'Ann' }).expect(503);
    restore(store);
    expect(await changesOf(await personOf(member))).toEqual([]);
  });
});
