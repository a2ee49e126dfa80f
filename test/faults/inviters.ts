import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { waitFor } from '../support/wait-for.js';
import { call } from './invitation-round.js';

const ADDRESSES_AT_MOST = 5;
/** The problem codes after which a caller repeats the call, under the same Idempotency-Key. */
const AGAIN = [
  'database-unavailable',
  'event-store-unavailable',
  'read-model-behind',
  'idempotency-key-in-use',
  'too-many-conflicts',
];

let people = 0;

/** Callers who invite a few addresses per call, one call after the other, and repeat a call until it is answered. */
export class Inviters {
  /** Addresses whose call was answered with 201. */
  readonly invited = new Set<string>();
  /** Answers that no caller should get, and outcomes that are not `invited`. */
  readonly unexpected: string[] = [];
  longestMs = 0;
  private calls = 0;
  private putOff = 0;
  private stopped = false;
  private work: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly url: string,
    private readonly token: string,
    readonly organisation: string,
  ) {}

  static async start(url: string, token: string, count: number): Promise<Inviters> {
    const { body } = await call(url, token, 'POST', '/v1/organisations', { name: 'Riverside Hospital' });
    const inviters = new Inviters(url, token, (body as { id: string }).id);
    inviters.work = Promise.all(Array.from({ length: count }, async () => inviters.inviteOnAndOn()));
    return inviters;
  }

  get path(): string {
    return `/v1/organisations/${this.organisation}/staff-invitations`;
  }

  /** Resolves when `more` further calls were answered. */
  async waitUntilInvited(more: number): Promise<void> {
    const enough = this.calls + more;
    await waitFor(
      'answered calls',
      async () => {
        await setTimeout(5);
        return this.calls >= enough;
      },
      60_000,
    );
  }

  /** Resolves when the calls under way are answered. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.work;
  }

  summary(): string {
    return `${String(this.calls)} calls, ${String(this.invited.size)} addresses, ${String(this.putOff)} answers put off, slowest answer ${this.longestMs.toFixed(0)} ms`;
  }

  private async inviteOnAndOn(): Promise<void> {
    while (!this.stopped) {
      const emails = Array.from(
        { length: 1 + (people % ADDRESSES_AT_MOST) },
        () => `away-${String((people += 1))}@example.test`,
      );
      const headers = {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      };
      while (!(await this.inviteOnce(emails, headers))) {
        /* Until it is answered. */
      }
    }
  }

  /** @returns false when the same call has to be made again */
  private async inviteOnce(emails: string[], headers: Record<string, string>): Promise<boolean> {
    const begun = performance.now();
    const answer = await fetch(this.url + this.path, {
      method: 'POST',
      headers,
      body: JSON.stringify({ emails, role: 'contributor' }),
    });
    const body = (await answer.json()) as { code?: string; results?: { outcome: string }[] };
    this.longestMs = Math.max(this.longestMs, performance.now() - begun);
    if (answer.status === 201) {
      this.calls += 1;
      for (const email of emails) this.invited.add(email);
      for (const { outcome } of body.results ?? []) if (outcome !== 'invited') this.unexpected.push(outcome);
      return true;
    }
    const retryAfter = answer.headers.get('retry-after');
    if (AGAIN.includes(body.code ?? '') && retryAfter !== null) {
      this.putOff += 1;
      await setTimeout(Math.min(Number(retryAfter) * 1000, 500));
      return false;
    }
    this.unexpected.push(`${String(answer.status)} ${body.code ?? ''}`);
    return true;
  }
}
