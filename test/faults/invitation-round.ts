import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { TestSmtp } from '../support/smtp.js';
import { waitFor } from '../support/wait-for.js';

/** The full proof has 2,000 addresses. The product stores chunks of 500. */
const ADDRESSES = Number(process.env.KILL_ADDRESSES ?? '500');
const PAGE = 200;
/** The limit is long, because the machine may be busy, and a killed process leaves mails leased for a while. */
const PATIENCE_MS = 180_000;

/** A row of the invitation list. */
export interface Listed {
  id: string;
  email: string;
  mail: { state: string };
}

/** The answer to an invitation call. */
export interface Answered {
  /** The invitation ids by address. */
  ids: Map<string, string>;
  /** The addresses that this very call invited. */
  invited: string[];
}

let rounds = 0;

/** One call that invites many new addresses to an organisation of its own, and its results. */
export class InvitationRound {
  private readonly expected: ReadonlySet<string>;
  private readonly messageIds = new Map<string, string[]>();
  /** The number of the server's mails that `messageIds` covers. */
  private counted: number;

  private constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly smtp: TestSmtp,
    private readonly organisation: string,
    readonly emails: readonly string[],
  ) {
    this.counted = smtp.mails.length;
    this.expected = new Set(emails);
  }

  static async open(url: string, token: string, smtp: TestSmtp, addresses = ADDRESSES): Promise<InvitationRound> {
    rounds += 1;
    const emails = Array.from({ length: addresses }, (_, n) => `person-${String(rounds)}-${String(n)}@example.test`);
    const { body } = await call(url, token, 'POST', '/v1/organisations', { name: `Round ${String(rounds)}` });
    return new InvitationRound(url, token, smtp, (body as { id: string }).id, emails);
  }

  /** Makes the call. Null when it was not answered. */
  async invite(url = this.url): Promise<Answered | null> {
    const answer = await call(url, this.token, 'POST', this.path, { emails: this.emails, role: 'contributor' }).catch(
      () => null,
    );
    if (!answer) return null;
    const { results } = answer.body as { results: { email: string; outcome: string; invitationId: string }[] };
    const invited = results.filter(({ outcome }) => outcome === 'invited').map(({ email }) => email);
    return { ids: new Map(results.map(({ email, invitationId }) => [email, invitationId])), invited };
  }

  /** The ids of the pending invitations by address, once the list shows everything stored. */
  async pending(url: string): Promise<Map<string, string>> {
    const listed = await this.list(url, await positionNow(url, this.token, this.organisation));
    return new Map(this.emails.flatMap((email) => (listed.has(email) ? [[email, listed.get(email)!.id]] : [])));
  }

  /** Whether the `nth` address is invited already. A dry run reads its stream, because the lists may be behind. */
  async isInvited(url: string, nth: number): Promise<boolean> {
    const { body } = await this.dryRun(url, this.emails[nth] ?? '');
    return (body as { summary: Record<string, number> }).summary['already-pending'] === 1;
  }

  private async dryRun(url: string, email: string): Promise<CallAnswer> {
    return call(url, this.token, 'POST', this.path, { emails: [email], role: 'contributor', dryRun: true });
  }

  /** Resolves when every address has a mail. */
  async waitUntilMailed(): Promise<void> {
    await this.smtp.waitUntil(() => this.tally().addresses === this.emails.length, PATIENCE_MS);
  }

  /** Resolves when every address has a mail and the product has recorded it, so that it sends no other. */
  async waitUntilRecorded(url: string): Promise<void> {
    await this.waitUntilMailed();
    await waitFor('the record of every mail', async () => !(await this.anyUnsent(url)), PATIENCE_MS);
  }

  /** The mails that the server took. `doubled` are the addresses with two different Message-IDs. */
  tally(): { addresses: number; repeats: number; doubled: string[] } {
    for (; this.counted < this.smtp.mails.length; this.counted += 1) {
      const { to, messageId } = this.smtp.mails[this.counted]!;
      if (this.expected.has(to)) this.messageIds.set(to, [...(this.messageIds.get(to) ?? []), messageId]);
    }
    const repeated = [...this.messageIds].filter(([, ids]) => ids.length > 1);
    const doubled = repeated.filter(([, ids]) => new Set(ids).size > 1).map(([email]) => email);
    return {
      addresses: this.messageIds.size,
      repeats: repeated.reduce((sum, [, ids]) => sum + ids.length - 1, 0),
      doubled,
    };
  }

  /** The path of the organisation's invitations. */
  get path(): string {
    return `/v1/organisations/${this.organisation}/staff-invitations`;
  }

  private async list(url: string, position: string): Promise<Map<string, Listed>> {
    const listed = new Map<string, Listed>();
    for await (const items of this.pages(url, position)) for (const item of items) listed.set(item.email, item);
    return listed;
  }

  private async anyUnsent(url: string): Promise<boolean> {
    for await (const items of this.pages(url)) if (items.some(({ mail }) => mail.state !== 'sent')) return true;
    return false;
  }

  private pages(url: string, position?: string): AsyncGenerator<Listed[]> {
    return pagesOf(url, this.token, this.path, position);
  }
}

/**
 * A position after everything stored so far, because the call stores an event. @param organisation gets another name
 */
export async function positionNow(url: string, token: string, organisation: string): Promise<string> {
  return (await call(url, token, 'PATCH', `/v1/organisations/${organisation}`, { name: `Round ${randomUUID()}` }))
    .position;
}

/** All pages of the pending invitations. @param position the list shows everything up to it */
export async function* pagesOf(url: string, token: string, path: string, position?: string): AsyncGenerator<Listed[]> {
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = `?state=pending&limit=${String(PAGE)}${cursor ? `&cursor=${cursor}` : ''}`;
    const { body } = await call(
      url,
      token,
      'GET',
      path + query,
      undefined,
      position ? { 'min-event-position': position } : {},
    );
    const page = body as { items: Listed[]; nextCursor: string | null };
    yield page.items;
    cursor = page.nextCursor;
  }
}

/** Signs in. @returns a bearer token */
export async function signIn(url: string, who: { email: string; password: string }): Promise<string> {
  return ((await call(url, null, 'POST', '/v1/auth/sign-in/email', who)).body as { token: string }).token;
}

export interface CallAnswer {
  body: unknown;
  /** The body as the product sent it. */
  text: string;
  position: string;
}

/**
 * Calls the product, and repeats the call after the time that a 503 names. After a kill the read models wait until the
 * lease of the killed process ends.
 * @throws without an answer, or on another refusal
 */
export async function call(
  url: string,
  token: string | null,
  method: string,
  path: string,
  body?: object,
  more: Record<string, string> = {},
): Promise<CallAnswer> {
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...more,
  };
  const response = await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  const text = await response.text();
  const retryAfter = response.headers.get('retry-after');
  if (response.status === 503 && retryAfter !== null) {
    await setTimeout(Number(retryAfter) * 1000);
    return call(url, token, method, path, body, more);
  }
  if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
  return { body: JSON.parse(text), text, position: response.headers.get('event-position') ?? '' };
}
