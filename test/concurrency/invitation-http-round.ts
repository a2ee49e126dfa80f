import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { EventStore } from '../../src/shared/event-sourcing/event-store.js';
import { StreamId } from '../../src/shared/event-sourcing/stream-id.js';
import { PositionTokens } from '../../src/shared/http/positions/event-position.js';
import { LinkTokens } from '../../src/shared/http/links/link-token.js';
import { invitationOf } from '../../src/modules/invitations/domain/membership-stream.js';
import { idAt, type Lifecycle } from '../support/invitation-model.js';
import { PASSWORD, type Api, type TestServer } from '../support/test-server.js';
import type { TestClock } from '../support/test-clock.js';
import type { Member, Place } from '../support/scenarios.js';
import { waitFor } from '../support/wait-for.js';
import {
  answerTo,
  listed,
  nobodyInvited,
  sightOf,
  STATES,
  wordsOf,
  type Call,
  type Model,
} from './invitation-http-model.js';
import { outcomeOf } from './rounds.js';

/** The place of a round, and its callers. */
export interface Setting {
  server: TestServer;
  clock: TestClock;
  place: Place;
  inviter: Member;
  stranger: Api;
  email: string;
  /** Null when the invited person has no account yet. */
  invitee: Api | null;
}

const NEVER_ISSUED = 1000;

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Makes the same calls to the product and to the model, for one scope and one address, and compares them. */
export class Round {
  /**
   * The states that the answers allow. There may be several, because an archived scope or a lost right shows only in
   * the next call.
   */
  private models: [Model, ...Model[]];
  private invitee: Api | null;
  private stream: string | undefined;
  /** The position of the last write. Empty before the first. */
  private position = '';
  /** The links, derived when they were issued, oldest first. */
  private readonly links: string[] = [];

  constructor(private readonly setting: Setting) {
    this.invitee = setting.invitee;
    this.models = [nobodyInvited(setting.invitee !== null)];
  }

  /** The same in all states that the answers allow. */
  private get lifecycle(): Lifecycle {
    return this.models[0].lifecycle;
  }

  /** Whether the invited person has an account by now. */
  get hasAccount(): boolean {
    return this.invitee !== null;
  }

  /** The moment when the newest link closes, in epoch milliseconds. */
  get closes(): number | undefined {
    return this.lifecycle.links.at(-1)?.closes;
  }

  /**
   * Makes one call, or several at once. Their answers and the state must be those of the calls in some order. @returns
   * the answers
   */
  async play(calls: readonly Call[]): Promise<string[]> {
    const answers = await Promise.all(calls.map(async (call) => this.send(call)));
    const now = this.setting.clock.now().getTime();
    const made = answers.map((answer) => /^201 invited (.*)$/.exec(answer)?.[1]).find((id) => id !== undefined);
    const seen = await this.look(made ?? idAt(this.lifecycle, 0));
    const moment = { now, links: this.links.length, nextId: made ?? 'unheard of' };
    const legal = this.models.flatMap((before) =>
      orders(calls.length).map((order) => {
        const model = structuredClone(before);
        const said: string[] = [];
        for (const n of order) said[n] = answerTo(model, calls[n]!, moment);
        return { model, outcome: JSON.stringify({ answers: said, seen: sightOf(model, now) }, null, 1) };
      }),
    );
    const outcome = JSON.stringify({ answers, seen }, null, 1);
    const [found, ...more] = legal.filter((way) => way.outcome === outcome).map(({ model }) => model);
    if (!found)
      throw new Error(
        `${JSON.stringify(calls)}\ngave ${outcome}\nand not to ${legal.map((way) => way.outcome).join('\nor ')}`,
      );
    this.models = [
      found,
      ...more.filter((model, n) => ![found, ...more.slice(0, n)].some((other) => isDeepStrictEqual(model, other))),
    ];
    this.deriveLinks();
    return answers;
  }

  /** Checks what holds after every round. */
  async finish(): Promise<void> {
    const now = this.setting.clock.now().getTime();
    const filters = [undefined, ...STATES];
    const lists = await Promise.all(filters.map(async (state) => this.send({ do: 'list', state })));
    expect(lists).toEqual(filters.map((state) => `200 ${listed(this.models[0], state, now)}`));
    if (this.stream === undefined) return;
    const stored = invitationOf(await this.setting.server.running.app.get(EventStore).read(this.stream));
    expect(stored.issues).toEqual(this.lifecycle.links.map(({ invitationId }) => invitationId));
    const older = this.links
      .slice(0, -1)
      .map(async (link) => outcomeOf(await this.setting.server.anonymous.get(`/v1/invitations/${link}`)));
    expect(new Set(await Promise.all(older))).toEqual(new Set(older.map(() => '410 invitation-superseded')));
    await this.mustHaveMailed();
  }

  /**
   * Checks that each issue has at most one mail, that there are no other mails, and that a pending newest issue has
   * one.
   */
  private async mustHaveMailed(): Promise<void> {
    const { server, email, clock } = this.setting;
    const entries = await waitFor('the mails of the round', async () => {
      const { rows } = await sql<{ key: string; kind: string; issue: number; state: string }>`
        select key::text, kind, issue, state from outbox where stream = ${this.stream}`.execute(
        server.database.kysely(),
      );
      const invitations = rows.filter(({ kind }) => kind === 'invitation');
      return invitations.length === this.links.length && invitations.every(({ state }) => state !== 'pending') && rows;
    });
    const mails = server.smtp.to(email).filter(({ messageId }) => entries.some(({ key }) => messageId.startsWith(key)));
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(mails.length);
    for (const { kind, issue, key, state } of entries) {
      const sent = mails.filter(({ messageId }) => messageId.startsWith(key));
      if (kind === 'invitation') expect(sent).toHaveLength(state === 'sent' ? 1 : 0);
      for (const { token } of sent) expect(token).toBe(this.links[issue - 1]);
    }
    expect(server.smtp.to(email).filter(({ token }) => this.links.includes(token))).toHaveLength(mails.length);
    const pending = this.lifecycle.ended === null && clock.now().getTime() < this.closes!;
    if (pending)
      expect(entries.find(({ kind, issue }) => kind === 'invitation' && issue === this.links.length)?.state).toBe(
        'sent',
      );
  }

  private deriveLinks(): void {
    const issued = this.lifecycle.links;
    for (const { invitationId } of issued.slice(this.links.length))
      this.links.push(this.derive(this.links.length + 1, invitationId));
  }

  private derive(issue: number, invitationId: string): string {
    return this.setting.server.running.app
      .get(LinkTokens)
      .derive({ kind: 'staff', streamUuid: this.membershipId, issue }, invitationId);
  }

  private get membershipId(): string {
    return this.stream === undefined ? randomUUID() : StreamId.parse(this.stream).uuid;
  }

  /** The newest invitation and the membership, as the product shows them. */
  private async look(id: string): Promise<string> {
    if (id === 'never') return 'no invitation; no member';
    const { admin } = this.setting.server;
    const looking = admin
      .get(`/v1/staff-invitations/${id}`)
      .expect(200)
      .then((answer) => answer);
    if (this.stream === undefined) {
      await looking;
      this.stream = await this.streamOf(id);
    }
    const [invitation, member] = await Promise.all([looking, admin.get(`/v1/staff/${this.membershipId}`)]);
    const view = invitation.body as { id: string; state: string; issue: number; role: string; expiresAt: string };
    const membership = member.status === 200 ? `member as ${(member.body as { role: string }).role}` : 'no member';
    return `${view.id} ${view.state}, issue ${String(view.issue)}: ${view.role} until ${view.expiresAt}; ${membership}`;
  }

  private async streamOf(id: string): Promise<string> {
    const { rows } = await sql<{ stream: string }>`select stream from invitation where id = ${id}`.execute(
      this.setting.server.database.kysely(),
    );
    return rows[0]!.stream;
  }

  private async send(call: Call): Promise<string> {
    const { server, place, inviter } = this.setting;
    const by = 'by' in call && call.by === 'inviter' ? inviter.api : server.admin;
    switch (call.do) {
      case 'invite':
        return this.sendInvite(by, call.role, call.window);
      case 'resend':
        return this.told(
          by.post(`/v1/staff-invitations/${this.id(call.back)}/resend`, call.window ? { expiresIn: call.window } : {}),
        );
      case 'revoke':
        return this.told(by.delete(`/v1/staff-invitations/${this.id(call.back)}`));
      case 'accept':
      case 'decline':
        return this.sendAnswer(call);
      case 'accept own':
      case 'decline own':
        return this.told(
          this.ownApi.post(
            `/v1/me/invitations/${this.id(call.back)}/${call.do === 'accept own' ? 'accept' : 'decline'}`,
            {},
          ),
        );
      case 'remove':
        return this.told(server.admin.delete(`/v1/staff/${this.membershipId}`));
      case 'change inviter':
        return this.told(server.admin.patch(`/v1/staff/${inviter.membershipId}`, { role: call.to }));
      case 'archive':
      case 'restore':
        return this.told(server.admin.post(`${place.path}/${call.do}`, {}));
      case 'open link':
        return this.read(server.anonymous.get(`/v1/invitations/${this.link(call.back)}`), (body) => {
          const { role, expiresAt, account } = body as { role: string; expiresAt: string; account: string };
          return `${role} until ${expiresAt} for ${account === 'exists' ? 'an account' : 'a newcomer'}`;
        });
      case 'see':
        return this.read(by.get(`/v1/staff-invitations/${this.id(call.back)}`), (body) =>
          wordsOf([body as { id: string; state: string }]),
        );
      case 'list':
        return this.list(call.state ? `&state=${call.state}` : '');
      case 'list own':
        return this.read(this.seeing(this.ownApi, '/v1/me/invitations?limit=200'), (body) =>
          wordsOf(
            (body as { items: { id: string; state: string; scope: { id: string } }[] }).items.filter(
              ({ scope }) => scope.id === place.id,
            ),
          ),
        );
    }
  }

  private async sendInvite(by: Api, role: string, expiresIn: string | undefined): Promise<string> {
    const { place, email } = this.setting;
    const answer = await this.write(
      by.post(`${place.path}/staff-invitations`, { emails: [email], role, ...(expiresIn ? { expiresIn } : {}) }),
    );
    if (answer.status !== 201) return outcomeOf(answer);
    const { outcome, invitationId } = (answer.body as { results: { outcome: string; invitationId?: string }[] })
      .results[0]!;
    return `201 ${outcome}${invitationId ? ` ${invitationId}` : ''}`;
  }

  private async sendAnswer({ do: what, as, back }: Call & { do: 'accept' | 'decline' }): Promise<string> {
    const { server, stranger } = this.setting;
    const api = as === 'stranger' ? stranger : as === 'invitee' ? this.ownApi : server.anonymous;
    const account = what === 'accept' && as === 'newcomer' ? { name: 'New Here', password: PASSWORD } : {};
    const answer = await this.write(api.post(`/v1/invitations/${this.link(back)}/${what}`, account));
    const { token } = answer.body as { token?: string };
    if (token !== undefined) this.invitee = server.signedIn(token);
    return outcomeOf(answer);
  }

  private async list(filter: string): Promise<string> {
    const { server, place, email } = this.setting;
    const path = `${place.path}/staff-invitations?limit=200&q=${encodeURIComponent(email)}${filter}`;
    return this.read(this.seeing(server.admin, path), (body) =>
      wordsOf((body as { items: { id: string; state: string }[] }).items),
    );
  }

  private async told(call: PromiseLike<Answer>): Promise<string> {
    return outcomeOf(await this.write(call));
  }

  /** A read that sees everything this round has written. */
  private seeing(api: Api, path: string) {
    return this.position === '' ? api.get(path) : api.after(this.position, path);
  }

  private async write(call: PromiseLike<Answer>): Promise<Answer> {
    const answer = await call;
    const position = answer.headers['event-position'];
    const { app } = this.setting.server.running;
    const [store, tokens] = [app.get(EventStore), app.get(PositionTokens)];
    const stored = (token: string): string => tokens.positionIn(token)!;
    if (
      position !== undefined &&
      (this.position === '' || store.comparePositions(stored(position), stored(this.position)) > 0)
    )
      this.position = position;
    return answer;
  }

  private async read(call: PromiseLike<Answer>, words: (body: unknown) => string): Promise<string> {
    const answer = await call;
    return answer.status === 200 ? `200 ${words(answer.body)}` : outcomeOf(answer);
  }

  private get ownApi(): Api {
    return this.invitee ?? this.setting.server.anonymous;
  }

  private id(back: number): string {
    const id = idAt(this.lifecycle, back);
    return id === 'never' ? randomUUID() : id;
  }

  /** The link, counted from the newest. A link that was never issued has a valid signature too. */
  private link(back: number): string {
    return this.links.at(-1 - back) ?? this.derive(NEVER_ISSUED, this.id(0));
  }
}

function orders(count: number): number[][] {
  return count === 1
    ? [[0]]
    : [
        [0, 1],
        [1, 0],
      ];
}
