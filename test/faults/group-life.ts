import { ADMIN, type Api, type TestServer } from '../support/test-server.js';
import { readModelsCaughtUp, type Place } from '../support/scenarios.js';
import type { Note } from './life.js';

/** Texts that occur nowhere else, so that a search finds them. */
export const GRETA = {
  email: 'greta.kumquat@example.test',
  name: 'Greta Kumquatsdottir',
  password: 'velvet-accordion-60274',
};

interface Words {
  /** A staff member of the organisation, who has an account. */
  picked: { email: string; password: string };
  message: string;
  reasons: readonly string[];
}

/**
 * Uses a group from its creation to its deletion and restoration, with members, a file with an exception, and a notice.
 * @returns the members' sessions
 */
export async function groups(
  server: TestServer,
  admin: Api,
  anonymous: Api,
  organisation: Place,
  note: Note,
  { picked, message, reasons }: Words,
): Promise<string[]> {
  await note(admin.patch('/v1/me/notices', { groupAcceptances: true }), 200);
  const group = `/v1/groups/${String((await note(admin.post(`${organisation.path}/groups`, { name: 'Tumour board', description: 'Mondays' }), 201))['id'])}`;
  await note(admin.patch(group, { name: 'Tumor board', description: null }), 200);
  await note(
    admin.post(`${group}/invitations`, {
      emails: [GRETA.email],
      administrator: true,
      contentCreator: false,
      message,
      locale: 'de',
    }),
    201,
  );
  const { token } = await server.smtp.mailTo(GRETA.email);
  const greta = await note(
    anonymous.post(`/v1/invitations/${token}/accept`, { name: GRETA.name, password: GRETA.password }),
    200,
  );
  await server.smtp.waitUntil(() => server.smtp.to(ADMIN.email).some(({ subject }) => subject.startsWith(GRETA.name)));

  const gretas = server.signedIn(String(greta['token']));
  const found = (await note(
    admin.get(`${group}/network?q=${encodeURIComponent(picked.email.toUpperCase())}`),
    200,
  )) as { items: { personId: string }[] };
  const before = server.smtp.to(picked.email.toLowerCase()).length;
  // The super-admin picks from the network, because Greta has no role in the organisation.
  await note(
    admin.post(`${group}/invitations`, {
      personIds: found.items.map(({ personId }) => personId),
      administrator: false,
      contentCreator: false,
      message,
    }),
    201,
  );
  const link = (await server.smtp.mailTo(picked.email.toLowerCase(), before + 1)).token;
  const session = await server.signIn(picked.email, picked.password);
  const gus = `/v1/group-members/${String((await note(session.post(`/v1/invitations/${link}/accept`, {}), 200))['membershipId'])}`;
  await note(gretas.patch(gus, { administrator: false, contentCreator: true, reason: reasons[0] }), 200);

  const file = `/v1/group-files/${String((await note(session.post(`${group}/files`, { name: 'Minutes.pdf', size: 20_480, url: 'https://files.example.org/7f3a' }), 201))['id'])}`;
  const exception = `${file}/exceptions/${gus.slice(gus.lastIndexOf('/') + 1)}`;
  await note(session.patch(file, { name: 'Minutes of March.pdf', type: 'application/pdf' }), 200);
  await note(gretas.put(exception, { contentCreator: false }), 204);
  await note(session.patch(file, { name: 'Mine.pdf' }), 403);
  await note(gretas.delete(exception), 204);
  await note(gretas.put(exception, { contentCreator: true }), 204);
  await note(
    admin.delete(
      `/v1/group-files/${String((await note(admin.post(`${group}/files`, { name: 'Draft.pdf', url: 'draft' }), 201))['id'])}`,
    ),
    204,
  );

  await note(gretas.delete(gus, { reason: reasons[1] }), 204);
  await note(session.get(group), 404);
  await note(gretas.delete(`/v1/group-members/${String(greta['membershipId'])}`, { reason: reasons[2] }), 204);
  await note(admin.delete(group), 204);
  await note(admin.post(`${group}/restore`), 200);
  await readModelsCaughtUp(server);
  return [String(greta['token']), String(session.token)];
}
