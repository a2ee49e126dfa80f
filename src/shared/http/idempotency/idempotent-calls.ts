import { createHmac, hkdfSync } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { Database } from '../../database/database.js';
import { rehearse, requireContext } from '../../request-context/request-context.js';
import type { ProblemCatalogue } from '../../problems/problem-catalogue.js';
import { RuleBroken, type ProblemCode } from '../../problems/problem-codes.js';
import { open, seal } from '../../crypto/sealing.js';
import { REQUEST_MESSAGES } from '../field-messages.js';
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

/** A call with its key. Two calls that agree in all these fields are the same call. */
export interface KeyedCall {
  /** personId. */
  caller: string;
  /** The route's pattern and the values of its parameters. */
  route: readonly string[];
  key: string;
  body: unknown;
}

/** The parts of a response that don't follow from the route. */
export interface Answer {
  /** Absent: the response has no body. */
  body?: unknown;
  /** The response's Event-Position. */
  position?: string | undefined;
}

/**
 * A kept response. `identifies` tells whether it names other people because the caller could identify them. Responses
 * of older versions lack it.
 */
interface Kept {
  answer: Answer;
  identifies?: boolean | undefined;
  /** Keyed hash of a body that the handler read by itself; absent: the fingerprint covers the body. */
  read?: string | undefined;
}

/** The modules' rules for kept responses. */
export interface RepeatRules {
  /** Refusals that a repeated call gets in place of the kept response, besides those that are about the caller. */
  refusedBy: readonly ProblemCode[];
  /**
   * Tells whether a response names other people. It judges responses that an older version kept without noting that.
   */
  namesOthers(body: unknown): boolean;
}

const PATIENCE_MS = 30_000;
/**
 * Time after which a waiting call looks for the end of another instance's attempt. Attempts of this instance notify
 * their waiters at once.
 */
const LOOK_AGAIN_MS = 1000;
const RETRY_AFTER_SECONDS = 5;
/**
 * Statuses of refusals that are about the caller's rights. Other refusals may follow from what the call itself has
 * changed.
 */
const DENIES: readonly number[] = [401, 403, 404];

/**
 * Runs calls with an Idempotency-Key. A call has one effect and one response, even when a client repeats it and another
 * instance gets the repeat.
 * Source: docs/domain.md §13, ADR 0011
 */
export class IdempotentCalls implements OnModuleInit, OnModuleDestroy {
  private readonly hashKey: Buffer;
  private readonly sealingKey: Buffer;
  private readonly ended = new EventEmitter().setMaxListeners(0);
  private readonly stopping = new AbortController();
  private readonly patienceMs: number;

  /** @param patienceMs milliseconds that a repeated call waits for the running one */
  constructor(
    private readonly database: Database,
    masterKey: Buffer,
    private readonly problems: ProblemCatalogue,
    private readonly rules: RepeatRules,
    { patienceMs = PATIENCE_MS }: { patienceMs?: number } = {},
  ) {
    this.hashKey = derive(masterKey, 'idempotency-hash');
    this.sealingKey = derive(masterKey, 'idempotency-answer');
    this.patienceMs = patienceMs;
  }

  async onModuleInit(): Promise<void> {
    if (this.database.embedded) await releaseAllClaims(this.db());
  }

  /** Ends waiting calls, which tell their clients to retry. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /**
   * Does the work, or returns the kept response. After a crash the work runs again under the same command id.
   * A kept response is only for a caller who could still make the call.
   * @throws RuleBroken as the call itself would; `forbidden` where the response names people whom the caller may no
   * longer identify
   * @throws RuleBroken `idempotency-key-reused` for another body, `idempotency-key-in-use` when another attempt takes
   * too long
   */
  async once(call: KeyedCall, work: () => Promise<Answer>): Promise<{ answer: Answer; replayed: boolean }> {
    const { id, fingerprint } = this.identify(call);
    const claimed = await this.claimOrAnswer(id, fingerprint);
    if (typeof claimed === 'string') {
      const kept = this.unsealed(id, claimed);
      const identifies = await this.assertStillAuthorised(work);
      if (kept.read !== this.hashOfRead()) throw new RuleBroken('idempotency-key-reused');
      if (!identifies && (kept.identifies ?? this.rules.namesOthers(kept.answer.body)))
        throw new RuleBroken('forbidden');
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
      const notes = { identifies: context.identifies ?? false, read: this.hashOfRead() };
      const sealed = seal(this.sealingKey, id, JSON.stringify({ ...answer, ...notes }));
      const kept = await finish(this.db(), claimed, sealed);
      return kept === sealed ? { answer, replayed: false } : { answer: this.unsealed(id, kept).answer, replayed: true };
    } catch (error) {
      // If this fails too, the lease expires.
      await this.letGo(claimed, error).catch(() => undefined);
      throw error;
    } finally {
      clearInterval(heartbeat);
      this.ended.emit(id);
    }
  }

  /**
   * Checks the key before the body is validated, because a bad body never reaches `once`.
   * @throws RuleBroken `idempotency-key-reused` when the key belongs to another body
   */
  async mustNotDiffer(call: KeyedCall): Promise<void> {
    const { id, fingerprint } = this.identify(call);
    const known = await find(this.db(), id);
    if (known && known.fingerprint !== fingerprint) throw new RuleBroken('idempotency-key-reused');
  }

  /** Removes expired responses. */
  async sweep(): Promise<void> {
    await removeExpired(this.db());
  }

  /** @returns a claim, or the sealed response */
  private async claimOrAnswer(id: string, fingerprint: string): Promise<Claim | string> {
    const late = performance.now() + this.patienceMs;
    for (let ended: Promise<unknown> | undefined; ;) {
      const claimed = await claim(this.db(), id, fingerprint);
      if (claimed) return claimed;
      const known = await find(this.db(), id);
      if (known && known.fingerprint !== fingerprint) throw new RuleBroken('idempotency-key-reused');
      if (known?.answer) return known.answer;
      if (performance.now() > late || this.stopping.signal.aborted)
        throw new RuleBroken('idempotency-key-in-use', { retryAfter: RETRY_AFTER_SECONDS });
      await ended;
      // The wait begins before the next look, so that it misses no end.
      ended = this.nextEnd(id);
    }
  }

  /** Resolves when an attempt at this call ends here, or when it is time to look at other instances' attempts. */
  private async nextEnd(id: string): Promise<void> {
    const until = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(LOOK_AGAIN_MS)]);
    await once(this.ended, id, { signal: until }).catch(() => undefined);
  }

  /**
   * Frees the key of a refused call that stored nothing. Any other call keeps its command, because it may have stored
   * something.
   */
  private async letGo(claimed: Claim, error: unknown): Promise<void> {
    const refusal = asRuleBroken(error);
    const refused = refusal !== null && this.problems.statusOf(refusal.code) < 500;
    const nothingStored = claimed.attempts === 1 && requireContext().position === undefined;
    await (refused && nothingStored ? forget(this.db(), claimed) : release(this.db(), claimed));
  }

  /**
   * @returns whether the caller may identify people there; false also when the rehearsal ends before that is known
   * @throws RuleBroken when the caller may no longer make the call
   */
  private async assertStillAuthorised(work: () => Promise<unknown>): Promise<boolean> {
    try {
      return await rehearse(work);
    } catch (error) {
      const refusal = asRuleBroken(error);
      if (refusal === null || this.refusesRepeats(refusal.code)) throw error;
      return false;
    }
  }

  private refusesRepeats(code: ProblemCode): boolean {
    const status = this.problems.statusOf(code);
    return DENIES.includes(status) || status >= 500 || this.rules.refusedBy.includes(code);
  }

  private identify({ caller, route, key, body }: KeyedCall): { id: string; fingerprint: string } {
    return { id: this.hash([caller, ...route, key]), fingerprint: this.hash([canonical(body)]) };
  }

  private unsealed(id: string, sealed: string): Kept {
    const { identifies, read, ...answer } = JSON.parse(open(this.sealingKey, id, sealed)) as Answer &
      Omit<Kept, 'answer'>;
    return { answer, identifies, read };
  }

  /** Of the body that the handler of the present request read by itself; undefined: it read none. */
  private hashOfRead(): string | undefined {
    const { body } = requireContext();
    return body === undefined ? undefined : this.hash([body]);
  }

  private hash(parts: readonly string[]): string {
    return createHmac('sha256', this.hashKey).update(JSON.stringify(parts)).digest('base64url');
  }

  private db(): ReturnType<typeof this.database.kysely<IdempotencyTables>> {
    return this.database.kysely<IdempotencyTables>();
  }
}

/**
 * Returns the body as text, independent of the order of its fields. A missing body counts as an empty one.
 * @throws RuleBroken `invalid-input` for a body that is nested too deeply
 */
function canonical(body: unknown): string {
  try {
    return JSON.stringify(body ?? {}, (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(byName))
        : value,
    );
  } catch {
    throw new RuleBroken('invalid-input', { errors: [{ field: '', message: REQUEST_MESSAGES.bodyUnreadable }] });
  }
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function derive(masterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, 'rolecall', purpose, 32));
}
