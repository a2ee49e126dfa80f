import { createHmac, hkdfSync } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { Database } from '../../database/database.js';
import { rehearse, requireContext } from '../../request-context/request-context.js';
import { PROBLEMS, RuleBroken } from '../../problems/problem-codes.js';
import { open, seal } from '../../crypto/sealing.js';
import { asRuleBroken } from '../problem.filter.js';
import {
  claim,
  find,
  finish,
  forget,
  LEASE_SECONDS,
  release,
  releaseAllClaims,
  removeExpired,
  renew,
  type Claim,
  type IdempotencyTables,
} from './idempotent-call.js';

/** What makes two calls the same one. */
export interface KeyedCall {
  /** personId. */
  caller: string;
  /** The route's pattern and what its parameters are. */
  route: readonly string[];
  key: string;
  body: unknown;
}

/** All of an answer that doesn't follow from the route. */
export interface Answer {
  /** Absent: none. */
  body?: unknown;
  /** Its Event-Position. */
  position?: string | undefined;
}

/** `identifies`: whether the answer names others because the caller could identify them; what versions kept that didn't note it doesn't say. */
interface Kept {
  answer: Answer;
  identifies?: boolean | undefined;
}

const PATIENCE_MS = 30_000;
/** How soon is noticed what another instance does; this instance's attempts wake whoever waits for them. */
const LOOK_AGAIN_MS = 1000;
const RETRY_AFTER_SECONDS = 5;

/** Calls with an Idempotency-Key: however often and wherever one is sent, one effect and one answer. Source: docs/domain.md §13, ADR 0011 */
export class IdempotentCalls implements OnModuleInit, OnModuleDestroy {
  private readonly hashKey: Buffer;
  private readonly sealingKey: Buffer;
  private readonly ended = new EventEmitter().setMaxListeners(0);
  private readonly stopping = new AbortController();
  private readonly patienceMs: number;

  /** `patienceMs`: how long the same call waits for one that is under way. */
  constructor(
    private readonly database: Database,
    masterKey: Buffer,
    { patienceMs = PATIENCE_MS }: { patienceMs?: number } = {},
  ) {
    this.hashKey = derive(masterKey, 'idempotency-hash');
    this.sealingKey = derive(masterKey, 'idempotency-answer');
    this.patienceMs = patienceMs;
  }

  async onModuleInit(): Promise<void> {
    if (this.database.embedded) await releaseAllClaims(this.db());
  }

  /** Whoever still waits is told to come back. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /**
   * Does the work, or answers as when it was done. Work that is done again after a crash is done under the same command id.
   * What is kept is given to whoever could make the call now. @throws RuleBroken as that would be refused, `forbidden` where it names others whom they may not identify any more, `idempotency-key-reused` for another body, `idempotency-key-in-use` when somebody is at work on it for too long
   */
  async once(call: KeyedCall, work: () => Promise<Answer>): Promise<{ answer: Answer; replayed: boolean }> {
    const { id, fingerprint } = this.identify(call);
    const claimed = await this.claimOrAnswer(id, fingerprint);
    if (typeof claimed === 'string') {
      const kept = this.unsealed(id, claimed);
      const identifies = await assertStillAuthorised(work);
      if (!identifies && (kept.identifies ?? namesPending(kept.answer.body))) throw new RuleBroken('forbidden');
      return { answer: kept.answer, replayed: true };
    }
    const context = requireContext();
    context.commandId = claimed.commandId;
    context.causationId = claimed.commandId;
    const heartbeat = setInterval(
      () => void renew(this.db(), claimed).catch(() => undefined),
      (LEASE_SECONDS * 1000) / 3,
    );
    try {
      const answer = await work();
      const sealed = seal(this.sealingKey, id, JSON.stringify({ ...answer, identifies: context.identifies ?? false }));
      const kept = await finish(this.db(), claimed, sealed);
      return kept === sealed ? { answer, replayed: false } : { answer: this.unsealed(id, kept).answer, replayed: true };
    } catch (error) {
      // If this fails too, the lease lapses.
      await this.letGo(claimed, error).catch(() => undefined);
      throw error;
    } finally {
      clearInterval(heartbeat);
      this.ended.emit(id);
    }
  }

  /** For a body that may not get as far as the work, because something is wrong with it. @throws RuleBroken `idempotency-key-reused` when the key stands for another one */
  async mustNotDiffer(call: KeyedCall): Promise<void> {
    const { id, fingerprint } = this.identify(call);
    const known = await find(this.db(), id);
    if (known && known.fingerprint !== fingerprint) throw new RuleBroken('idempotency-key-reused');
  }

  /** Removes what is older than answers are kept. */
  async sweep(): Promise<void> {
    await removeExpired(this.db());
  }

  /** @returns a claim, or the sealed answer */
  private async claimOrAnswer(id: string, fingerprint: string): Promise<Claim | string> {
    const late = performance.now() + this.patienceMs;
    for (let woken: Promise<unknown> | undefined; ;) {
      const claimed = await claim(this.db(), id, fingerprint);
      if (claimed) return claimed;
      const known = await find(this.db(), id);
      if (known && known.fingerprint !== fingerprint) throw new RuleBroken('idempotency-key-reused');
      if (known?.answer) return known.answer;
      if (performance.now() > late || this.stopping.signal.aborted)
        throw new RuleBroken('idempotency-key-in-use', { retryAfter: RETRY_AFTER_SECONDS });
      await woken;
      // Before looking again, so that no end is slept through.
      woken = this.nextEnd(id);
    }
  }

  /** An attempt at this call ends here, or it is time to see what other instances did. */
  private async nextEnd(id: string): Promise<void> {
    const until = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(LOOK_AGAIN_MS)]);
    await once(this.ended, id, { signal: until }).catch(() => undefined);
  }

  /** A refused call that stored nothing leaves its key as it was; any other keeps its command, which may have stored something. */
  private async letGo(claimed: Claim, error: unknown): Promise<void> {
    const refusal = asRuleBroken(error);
    const refused = refusal !== null && PROBLEMS[refusal.code][0] < 500;
    const nothingStored = claimed.attempts === 1 && requireContext().position === undefined;
    await (refused && nothingStored ? forget(this.db(), claimed) : release(this.db(), claimed));
  }

  private identify({ caller, route, key, body }: KeyedCall): { id: string; fingerprint: string } {
    return { id: this.hash([caller, ...route, key]), fingerprint: this.hash([canonical(body)]) };
  }

  private unsealed(id: string, sealed: string): Kept {
    const { identifies, ...answer } = JSON.parse(open(this.sealingKey, id, sealed)) as Answer &
      Pick<Kept, 'identifies'>;
    return { answer, identifies };
  }

  private hash(parts: readonly string[]): string {
    return createHmac('sha256', this.hashKey).update(JSON.stringify(parts)).digest('base64url');
  }

  private db(): ReturnType<typeof this.database.kysely<IdempotencyTables>> {
    return this.database.kysely<IdempotencyTables>();
  }
}

/** Refusals that are about who asks or what is there for them; others are about what the call itself has changed, perhaps. */
const DENIES: readonly number[] = [401, 403, 404];

/** @returns whether they may identify people there; false also where the rehearsal ended before it said so @throws RuleBroken when whoever asks may not make the call any more, or its place is archived */
async function assertStillAuthorised(work: () => Promise<unknown>): Promise<boolean> {
  try {
    return await rehearse(work);
  } catch (error) {
    const refusal = asRuleBroken(error);
    if (
      refusal === null ||
      DENIES.includes(PROBLEMS[refusal.code][0]) ||
      PROBLEMS[refusal.code][0] >= 500 ||
      refusal.code === 'scope-archived'
    )
      throw error;
    return false;
  }
}

/** Whether an answer names an invitation that was pending: one's own or, as far as can be told, somebody else's. */
function namesPending(body: unknown): boolean {
  const { results } = (body ?? {}) as { results?: unknown };
  return (
    Array.isArray(results) &&
    results.some(
      ({ outcome, invitationId }: { outcome?: string; invitationId?: string }) =>
        outcome === 'already-pending' && invitationId !== undefined,
    )
  );
}

/** The body as text, whatever the order of its fields; no body is an empty one. @throws RuleBroken `invalid-input` for one nested too deeply */
function canonical(body: unknown): string {
  try {
    return JSON.stringify(body ?? {}, (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(byName))
        : value,
    );
  } catch {
    throw new RuleBroken('invalid-input', { errors: [{ field: '', message: 'the body can not be read' }] });
  }
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function derive(masterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, 'rolecall', purpose, 32));
}
