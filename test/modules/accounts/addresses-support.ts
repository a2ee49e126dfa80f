import { sql } from 'kysely';
import type { EmailAddress } from '../../../src/shared/mail/email-address.js';
import { People } from '../../../src/modules/people/people.js';
import type { StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import { freshEmail, idle } from '../../support/scenarios.js';
import { PASSWORD, type Api, type TestServer } from '../../support/test-server.js';

export const NEW_PASSWORD = 'another fine password';
export const HOUR_MS = 60 * 60 * 1000;
export const DAY_MS = 24 * HOUR_MS;

/** What tests do with addresses of people on one server. */
export class Addresses {
  constructor(readonly server: TestServer) {}

  /** Asks for another address, and waits for the mails. */
  async ask(api: Api, email: string, password = PASSWORD): Promise<void> {
    await api.post('/v1/me/address', { email, password }).expect(202, { status: 'requested' });
    await idle(this.server);
  }

  /** The tokens of links that confirm, in the mails to an address. */
  confirmLinks(email: string): string[] {
    return this.linksIn(email, /\/address\/([A-Za-z0-9_-]{51})/g);
  }

  /** The tokens of links that undo a change, in the mails to an address. */
  undoLinks(email: string): string[] {
    return this.linksIn(email, /\/address-undo\/([A-Za-z0-9_-]{51})/g);
  }

  confirm(token: string) {
    return this.server.anonymous.post(`/v1/address-changes/${token}`);
  }

  undo(token: string, password = NEW_PASSWORD) {
    return this.server.anonymous.post(`/v1/address-undos/${token}`, { password });
  }

  /** Asks for another address and confirms it. @returns the token of the link that undoes the change */
  async change(api: Api, from: string, to = freshEmail('moved')): Promise<{ to: string; undo: string }> {
    await this.ask(api, to);
    await this.confirm(this.confirmLinks(to).at(-1)!).expect(204);
    await idle(this.server);
    return { to, undo: this.undoLinks(from).at(-1)! };
  }

  async signsIn(email: string, password = PASSWORD): Promise<number> {
    return (await this.server.anonymous.post('/v1/auth/sign-in/email', { email, password })).status;
  }

  async personIdOf(api: Api): Promise<string> {
    return (await api.get('/v1/me').expect(200)).body.personId as string;
  }

  /** The id of the person whom an address means; null when it is nobody's. */
  async ownerOf(email: string): Promise<string | null> {
    const address = email as EmailAddress;
    return (await this.server.running.app.get(People).find([address])).get(address)?.personId ?? null;
  }

  /** The present address of a person, by their row. */
  async addressOf(personId: string): Promise<string | undefined> {
    return (await this.server.running.app.get(People).getByIds([personId])).get(personId)?.email;
  }

  async eventsAbout(personId: string): Promise<StoredEvent[]> {
    return (await this.server.events()).filter(({ stream }) => stream === `person-${personId}`);
  }

  async typesAbout(personId: string): Promise<string[]> {
    return (await this.eventsAbout(personId)).map(({ type }) => type);
  }

  /** The further rows of a person: how many are former addresses, and how many are held. */
  async furtherRows(personId: string): Promise<{ former: number; held: number }> {
    const { rows } = await sql<{ former: number; held: number }>`
      select count(former_until)::int as former, count(held_by)::int as held from person
      where address_of = ${personId} or id = ${personId}`.execute(this.server.database.kysely());
    return rows[0]!;
  }

  private linksIn(email: string, link: RegExp): string[] {
    return this.server.smtp.to(email).flatMap(({ text }) => [...text.matchAll(link)].map(([, token]) => token!));
  }
}

/**
 * The statements on people, accounts and limits that a request sends, up to the last one on a limit. Later ones may be
 * those of a mail.
 */
export async function statementsDuring(server: TestServer, work: () => Promise<void>): Promise<string[]> {
  const database = server.running.app.get<{ kysely(): { getExecutor(): object } }>(server.database.constructor);
  const executor = Object.getPrototypeOf(database.kysely().getExecutor()) as {
    executeQuery: (...given: unknown[]) => Promise<unknown>;
  };
  const original = executor.executeQuery;
  const statements: string[] = [];
  executor.executeQuery = async function noted(this: unknown, ...given) {
    const { sql: text } = given[0] as { sql: string };
    // Background polling queries other tables.
    if (/"(?:rate_limit|person|account_\w+|provisional_account)"|\bperson\b/.test(text)) statements.push(text);
    return original.apply(this, given);
  };
  try {
    await work();
  } finally {
    executor.executeQuery = original;
  }
  return statements.slice(0, statements.findLastIndex((text) => text.includes('rate_limit')) + 1);
}
