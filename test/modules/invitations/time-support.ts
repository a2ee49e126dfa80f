import { sql } from 'kysely';
import { EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import { ExpirySchedule } from '../../../src/modules/invitations/manage/expiry.schedule.js';
import type { Api, TestServer } from '../../support/test-server.js';
import { freshEmail, readModelsCaughtUp, type Place } from '../../support/scenarios.js';

export interface Invited {
  id: string;
  email: string;
  token: string;
  /** ISO UTC. */
  expiresAt: string;
  stream: string;
}

/** Invites a new address, and resolves when its mail has arrived. @param expiresIn the expiry window */
export async function inviteFor(
  server: TestServer,
  place: Place,
  expiresIn: string,
  { by = server.admin, role = 'contributor', locale = 'en' }: { by?: Api; role?: string; locale?: string } = {},
): Promise<Invited> {
  const email = freshEmail('invitee');
  const { body } = await by
    .post(`${place.path}/staff-invitations`, { emails: [email], role, expiresIn, locale })
    .expect(201);
  const { token } = await server.smtp.mailTo(email);
  const id = String(body.results[0].invitationId);
  const { body: invitation } = await by.get(`/v1/staff-invitations/${id}`).expect(200);
  const { rows } = await sql<{ stream: string }>`select stream from outbox where invitation_id = ${id}`.execute(
    server.database.kysely(),
  );
  return { id, email, token, expiresAt: invitation.expiresAt, stream: rows[0]!.stream };
}

/** `<issue> <state>` of each reminder in the outbox, by issue. */
export async function reminders(server: TestServer, { id }: Pick<Invited, 'id'>): Promise<string[]> {
  const { rows } = await sql<{
    issue: number;
    state: string;
  }>`select issue, state from outbox where kind = 'reminder' and invitation_id = ${id} order by issue`.execute(
    server.database.kysely(),
  );
  return rows.map(({ issue, state }) => `${String(issue)} ${state}`);
}

/** Runs the schedule, and waits until lists show what it recorded. */
export async function recordExpiry(server: TestServer): Promise<void> {
  await server.running.app.get(ExpirySchedule).run();
  await readModelsCaughtUp(server);
}

/** The types of the stream's events, in order. The system's own events end in "by the system". */
export async function happened(server: TestServer, { stream }: Pick<Invited, 'stream'>): Promise<string[]> {
  const events = await server.running.app.get(EventStore).read(stream);
  return events.map(({ type, metadata }) => (metadata.actor === 'system' ? `${type} by the system` : type));
}
