import { sql } from 'kysely';
import type { Response } from 'supertest';
import type { Engine } from '../../../support/engines.js';
import { TestClock } from '../../../support/test-clock.js';
import { PASSWORD, startTestServer, type Api, type TestServer } from '../../../support/test-server.js';
import { createOrganisation, freshEmail, join, idle } from '../../../support/scenarios.js';
import type { InvitedTo, InvitationType, Person } from './invitation-type.js';

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** An invitation whose mail has arrived. */
export interface Invited {
  id: string;
  email: string;
  token: string;
  /** ISO UTC. */
  expiresAt: string;
  place: InvitedTo;
}

/**
 * Fields of a call that replace the type's first grant and its one new address. `by` is the caller, by default the
 * super-admin.
 */
export interface Call {
  by?: Api;
  emails?: readonly string[];
  [field: string]: unknown;
}

type Calling = PromiseLike<Response> & { expect(status: number): PromiseLike<Response> };

/**
 * The steps of one invitation type's tests. They have one server, a clock that stays where it is set, and three people.
 * Each has an account and no relevant membership.
 */
export class InvitationScenarios {
  private constructor(
    readonly invitationType: InvitationType,
    readonly server: TestServer,
    readonly clock: TestClock,
    readonly inviter: Person,
    readonly invitee: Person,
    readonly somebodyElse: Person,
  ) {}

  static async start(invitationType: InvitationType, engine: Engine): Promise<InvitationScenarios> {
    const clock = new TestClock();
    const server = await startTestServer(engine, {}, { clock });
    const home = await createOrganisation(server, 'Home');
    const [inviter, invitee, somebodyElse] = [
      await join(server, home, 'contributor', freshEmail('inviter')),
      await join(server, home, 'contributor', freshEmail('invitee')),
      await join(server, home, 'contributor', freshEmail('else')),
    ];
    // The clock is ahead of the real time, by which mails are queued, so all mails are due at once.
    clock.set(new Date(), HOUR);
    return new InvitationScenarios(invitationType, server, clock, inviter, invitee, somebodyElse);
  }

  async close(): Promise<void> {
    await this.server.close();
  }

  /** Makes a place. @param kind one of the type's `places`, by default the first */
  async place(kind = this.invitationType.places[0]!): Promise<InvitedTo> {
    return kind(this.server);
  }

  inviting(place: InvitedTo, { by = this.server.admin, ...call }: Call = {}) {
    return by.post(this.invitationType.invitationsPath(place), {
      emails: [freshEmail('invited')],
      ...this.invitationType.grants[0],
      ...call,
    });
  }

  previewingImport(place: InvitedTo, file: string, by = this.server.admin) {
    return by
      .post(`${this.invitationType.invitationsPath(place)}/import`)
      .attach('file', Buffer.from(file), 'contacts.csv');
  }

  /** Invites one address, by default a new one, and resolves when its mail has arrived. */
  async invited(place: InvitedTo, email = freshEmail('invited'), call: Call = {}): Promise<Invited> {
    const before = this.mailsTo(email);
    const { body } = await this.inviting(place, { ...call, emails: [email] }).expect(201);
    const id = String(body.results[0].invitationId);
    const { token } = await this.server.smtp.mailTo(email, before + 1);
    return { id, email, token, expiresAt: (await this.one(id)).expiresAt, place };
  }

  /** Resends an invitation, and resolves with the link of the new mail. */
  async resent(invited: Invited, body: object = {}): Promise<Invited> {
    const before = this.mailsTo(invited.email);
    const answer = await this.resending(invited.id, body).expect(200);
    return {
      ...invited,
      expiresAt: answer.body.expiresAt,
      token: (await this.server.smtp.mailTo(invited.email, before + 1)).token,
    };
  }

  resending(id: string, body: object = {}, by = this.server.admin) {
    return by.post(`${this.invitationType.invitationPath(id)}/resend`, body);
  }
  changing(id: string, body: object, by = this.server.admin) {
    return by.patch(this.invitationType.invitationPath(id), body);
  }
  revoking(id: string, by = this.server.admin) {
    return by.delete(this.invitationType.invitationPath(id));
  }
  reading(token: string, by = this.server.anonymous) {
    return by.get(`/v1/invitations/${token}`);
  }
  declining(token: string, by = this.server.anonymous) {
    return by.post(`/v1/invitations/${token}/decline`);
  }
  /** An anonymous caller accepts with a new account. */
  accepting(token: string, by = this.server.anonymous) {
    return by.post(
      `/v1/invitations/${token}/accept`,
      by === this.server.anonymous ? { name: 'Invited Person', password: PASSWORD } : {},
    );
  }
  answeringOwn(id: string, answer: 'accept' | 'decline', by = this.invitee.api) {
    return by.post(`/v1/me/invitations/${id}/${answer}`);
  }

  /** The invitation as the API shows it, after every read model and mail has caught up. */
  async one(id: string) {
    await this.idle();
    return (await this.server.admin.get(this.invitationType.invitationPath(id)).expect(200)).body;
  }

  /** `<id> <state>` of each invitation in the list of a place. */
  async listed(place: InvitedTo, query = ''): Promise<string[]> {
    await this.idle();
    const { body } = await this.server.admin.get(`${this.invitationType.invitationsPath(place)}${query}`).expect(200);
    return body.items.map(({ id, state }: { id: string; state: string }) => `${id} ${state}`);
  }

  /** The ids of the person's own pending invitations, by default the invitee's. */
  async own(by = this.invitee.api): Promise<string[]> {
    await this.idle();
    return (await by.get('/v1/me/invitations?limit=200').expect(200)).body.items.map(({ id }: { id: string }) => id);
  }

  mailsTo(email: string): number {
    return this.server.smtp.to(email).length;
  }

  /** Waits until every read model has caught up and every mail that is due was sent or dropped. */
  async idle(): Promise<void> {
    await idle(this.server);
  }

  /** The numbers of events, people, mails and accounts. */
  async stored(): Promise<unknown> {
    await this.idle();
    const { rows } =
      await sql`select (select count(*)::int from person) as people, (select count(*)::int from outbox) as mails,
      (select count(*)::int from account_user) as accounts`.execute(this.server.database.kysely());
    return { events: (await this.server.events()).length, tables: rows[0] };
  }

  /** The types of an invitation's events, in order. */
  async recorded(invitationId: string): Promise<string[]> {
    return (await this.server.events())
      .filter(({ data }) => data['invitationId'] === invitationId)
      .map(({ type }) => type);
  }

  /** Gives a person with an account a role or membership by which they work at a place. */
  async giveWork({ email, api }: Person, offer: Readonly<Record<string, unknown>>, place: InvitedTo): Promise<void> {
    const before = this.mailsTo(email);
    await this.server.admin.post(this.invitationType.workersPath(place), { emails: [email], ...offer }).expect(201);
    await this.accepting((await this.server.smtp.mailTo(email, before + 1)).token, api).expect(200);
  }
}

/** The status and code of each answer. */
export async function codesOf(...calls: Calling[]): Promise<string[]> {
  const answers: string[] = [];
  for (const call of calls) {
    const { status, body } = await call;
    answers.push(body.code ? `${String(status)} ${String(body.code)}` : String(status));
  }
  return answers;
}
