import { QueryBus } from '@nestjs/cqrs';
import {
  AccessDiffDto,
  type AccessDiffPage,
  AccessListDto,
  type AccessPage,
  DiffAccess,
  type GrantView,
  type HistoryEntryView,
  HistoryListDto,
  type Kind,
  KINDS,
  ListAccess,
  ListHistory,
  ReadOwnHistory,
  ReadStory,
} from '../../../src/modules/history/history.contract.js';
import { createOrganisation, join, type Member, type Place } from '../../support/scenarios.js';
import { describeOnOneEngine } from '../../support/engines.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

describeOnOneEngine('the queries of the history', (engine) => {
  let server: TestServer;
  let organisation: Place;
  let owner: Member;
  let personId: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    organisation = await createOrganisation(server, 'Riverside');
    owner = await join(server, organisation, 'organisation-owner');
    personId = (await owner.api.get('/v1/me').expect(200)).body.personId as string;
  });
  afterAll(async () => {
    await server.close();
  });

  it('give pages of the portal what the routes answer', async () => {
    const queries = server.running.app.get(QueryBus);
    const scope = { kind: 'organisation', id: organisation.id } as const;
    const timeline = await queries.execute(new ListHistory(personId, scope, new HistoryListDto(), 'en'));
    const entries: HistoryEntryView[] = timeline.items;
    expect(entries).toEqual((await owner.api.get(`${organisation.path}/history`).expect(200)).body.items);
    expect(entries.map(({ kind }) => kind as Kind).filter((kind) => !KINDS.includes(kind))).toEqual([]);
    const access: AccessPage = await queries.execute(new ListAccess(personId, scope, new AccessListDto()));
    expect(access).toEqual((await owner.api.get(`${organisation.path}/access`).expect(200)).body);
    const diff: AccessDiffPage = await queries.execute(new DiffAccess(personId, scope, new AccessDiffDto()));
    const [grant]: GrantView[] = access.items;
    expect(diff.items.map(({ after }) => after)).toEqual([grant]);
    const page = { limit: 50 };
    const story = await queries.execute(new ReadStory(personId, 'staff', grant!.membershipId, page, 'en'));
    expect(story.items).toEqual(
      (await owner.api.get(`/v1/staff/${grant!.membershipId}/history`).expect(200)).body.items,
    );
    const own = await queries.execute(new ReadOwnHistory(personId, page, 'de'));
    expect(own.items.map(({ kind }) => kind)).toContain('staff.accepted');
  });
});
