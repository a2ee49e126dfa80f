import { Injectable } from '@nestjs/common';
import { TUNING } from '../batching/tuning.js';
import type { CompanionRow } from './companion-rows.js';
import { RuleBroken } from '../problems/problem-codes.js';
import { AppendWatch } from './serialised-append.js';
import { deterministicId } from './stream-id.js';
import {
  EventStore,
  STREAM_DOES_NOT_EXIST,
  revisionOf,
  WrongRevision,
  type Append,
  type AppendOutcome,
  type EventScope,
  type History,
  type JsonObject,
  type NewEvent,
  type Position,
  type StoredEvent,
} from './event-store.js';
import { SCHEMA_VERSION } from './event-shapes.js';
import { AppendConditionFailed, type ReadSet, StreamMoved } from './append-condition.js';
import { type Attempt, retryOnConflict, StreamCache } from './optimistic-retry.js';
import { beginWork, requireContext } from '../request-context/request-context.js';

/** The result of a decision: a type and data, before the store adds an id and a position. */
export interface DomainEvent {
  type: string;
  /** Plain JSON; the store refuses anything else. */
  data: object;
}

/**
 * The actor, in place of a personId, where no caller is signed in: at the first start, in schedules, on open links.
 */
export const SYSTEM = 'system';

/** The actor and the scope of an event. The metadata of a domain event holds this besides its cause. */
export interface EventContext {
  /** personId or `SYSTEM`. */
  actor: string;
  scope: EventScope;
  organisationId: string | null;
}

/** Decides on a stream's history what happens now. `idOf(n)` is the id of the n-th domain event, for sealing. */
export type Decide = (
  history: readonly StoredEvent[],
  idOf: (index: number) => string,
) => readonly DomainEvent[] | Promise<readonly DomainEvent[]>;

export interface DecisionResult {
  /** The stream before the domain events. */
  history: readonly StoredEvent[];
  domainEvents: readonly DomainEvent[];
  /** Revision of the stream's last event now; `STREAM_DOES_NOT_EXIST` when it has none. */
  revision: number;
  /** True when nothing was stored, because the new person's address is already known. */
  isKnown?: boolean;
}

/** A decision that a command asks for on one stream. */
export interface PendingDecision {
  stream: string;
  eventContext: EventContext;
  decide: Decide;
  /**
   * The read set that the decision was authorised on. The events are stored only while that set holds. Null: the
   * decision needs no authorisation.
   */
  onlyIf: ReadSet | null;
  /**
   * The row of a new person, when the stream is about one. The stream then counts as empty, and the store adds the row
   * with the events.
   */
  companionRow?: CompanionRow | undefined;
}

/**
 * Loads, authorises and decides, then appends at the exact revision while the read set holds.
 * A command decides once per stream. What an earlier attempt stored there, even before a crash, is the result of the
 * decision.
 */
@Injectable()
export class CommandHandling {
  /** Sees all appends of the product. */
  readonly appends = new AppendWatch();
  private readonly cache: StreamCache;

  constructor(private readonly store: EventStore) {
    this.cache = new StreamCache(store);
  }

  /**
   * The only retry loop. When an append meets a conflict, it runs the attempt again on what is stored by then.
   * @param cached the first attempt reads its read set from the cache. When that attempt stores nothing, or refuses,
   * the store confirms the read set.
   * @throws what the attempt throws, or RuleBroken `too-many-conflicts`
   */
  async retrying<Result>(attempt: Attempt<Result>, { cached = false }: { cached?: boolean } = {}): Promise<Result> {
    return retryOnConflict(attempt, this.store, cached ? this.cache : null);
  }

  /**
   * Decides once on one stream.
   * @throws what `decide` throws; WrongRevision, AppendConditionFailed
   */
  async decide(pendingDecision: PendingDecision): Promise<DecisionResult> {
    const [outcome] = await this.decideMany([pendingDecision]);
    if (!outcome) throw new TypeError('decideMany returned no outcome');
    if (outcome instanceof Error) throw outcome;
    if (outcome.domainEvents.length === 0 && pendingDecision.onlyIf) this.noteUnchanged(outcome.history);
    return outcome;
  }

  /** Notes the position that the caller found unchanged, so that a read after it shows why nothing changed. */
  noteUnchanged(history: readonly StoredEvent[]): void {
    const position = history.at(-1)?.position;
    const context = requireContext();
    if (
      position !== undefined &&
      (context.unchangedAt === undefined || this.store.comparePositions(position, context.unchangedAt) > 0)
    )
      context.unchangedAt = position;
  }

  /**
   * Decides on one stream what follows from stored events, without authorisation.
   * @throws what `decide` throws, or RuleBroken `too-many-conflicts`
   */
  async decideAlone(stream: string, eventContext: EventContext, decide: Decide): Promise<DecisionResult> {
    return this.retrying(async () => this.decide({ stream, eventContext, decide, onlyIf: null }));
  }

  /**
   * Decides on many streams independently. The result holds, in order, each decision result or the rule that refused
   * it.
   * @throws WrongRevision, AppendConditionFailed when one of them met a conflict; the others are stored, and a repeated
   * call returns them
   */
  async decideMany(pending: readonly PendingDecision[]): Promise<(DecisionResult | RuleBroken)[]> {
    beginWork();
    const outcomes: (DecisionResult | RuleBroken)[] = [];
    for (let start = 0; start < pending.length; start += TUNING.decisionsPerChunk.value)
      outcomes.push(...(await this.decideChunk(pending.slice(start, start + TUNING.decisionsPerChunk.value))));
    return outcomes;
  }

  /**
   * Appends at a revision that an earlier decision was made on.
   * @throws WrongRevision, AppendConditionFailed
   */
  async appendExpecting(
    stream: string,
    expectedRevision: number,
    eventContext: EventContext,
    domainEvents: readonly DomainEvent[],
    onlyIf: ReadSet | null,
  ): Promise<Position> {
    beginWork();
    const [outcome] = await this.append([
      { append: { stream, expectedRevision, events: envelopes(stream, eventContext, domainEvents) }, onlyIf },
    ]);
    return (outcome as AppendOutcome & { ok: true }).position;
  }

  private async decideChunk(items: readonly PendingDecision[]): Promise<(DecisionResult | RuleBroken)[]> {
    const unread = items.filter(
      ({ stream, companionRow, onlyIf }) => !companionRow && onlyIf?.known(stream) === undefined,
    );
    const histories =
      unread.length === 0 ? new Map<string, History>() : await this.store.readMany(unread.map(({ stream }) => stream));
    const appends: (PendingAppend & { index: number })[] = [];
    const outcomes = await inOrder(items, async (item, index) => {
      const history = item.onlyIf?.known(item.stream) ?? histories.get(item.stream) ?? [];
      const done = storedBefore(history);
      if (done) {
        this.note(done.position);
        return done.decisionResult;
      }
      const domainEvents = await decisionOf(item, history);
      if (domainEvents instanceof RuleBroken) return domainEvents;
      const { stream, eventContext, companionRow, onlyIf } = item;
      const revision = revisionOf(history);
      if (domainEvents.length > 0)
        appends.push({
          index,
          append: {
            stream,
            expectedRevision: revision,
            events: envelopes(stream, eventContext, domainEvents),
            companionRow,
          },
          onlyIf,
        });
      return { history, domainEvents, revision: revision + domainEvents.length };
    });
    const stored = appends.length === 0 ? [] : await this.append(appends);
    stored.forEach((outcome, n) => {
      if (!outcome.ok)
        outcomes[appends[n]?.index ?? -1] = {
          history: [],
          domainEvents: [],
          revision: STREAM_DOES_NOT_EXIST,
          isKnown: true,
        };
    });
    return outcomes;
  }

  /**
   * @returns one outcome for each append: stored, or not stored because the new person is known already
   * @throws WrongRevision, AppendConditionFailed when one of them met a conflict; the others are stored
   * @throws StreamMoved when the request means another revision; nothing is stored
   */
  private async append(pending: readonly PendingAppend[]): Promise<AppendOutcome[]> {
    const { onlyAt } = requireContext();
    for (const { append } of pending) {
      this.store.checks.mustBeDeclared(append);
      if (append.stream === onlyAt?.stream && append.expectedRevision !== onlyAt.revision) throw new StreamMoved();
    }
    const conditions = new Map(
      [...new Set(pending.map(({ onlyIf }) => onlyIf))].map((reads) => [reads, reads?.revisions ?? []]),
    );
    const outcomes = await this.appends.watch(
      this.store.appendMany(pending.map(({ append, onlyIf }) => ({ ...append, onlyIf: conditions.get(onlyIf) }))),
    );
    let conflict: Error | undefined;
    outcomes.forEach((outcome, n) => {
      const { append, onlyIf } = pending[n] as PendingAppend;
      if (outcome.ok) {
        this.note(outcome.position);
        onlyIf?.confirm(conditions.get(onlyIf)?.length ?? 0);
      } else if (outcome.conditionFailed) {
        conflict = new AppendConditionFailed();
      } else if (!outcome.isKnown) {
        conflict ??= new WrongRevision(append.stream, append.expectedRevision, outcome.actualRevision);
      }
    });
    if (conflict) throw conflict;
    return outcomes;
  }

  private note(position: Position): void {
    const context = requireContext();
    if (context.position === undefined || this.store.comparePositions(position, context.position) > 0)
      context.position = position;
  }
}

interface PendingAppend {
  append: Append;
  onlyIf: ReadSet | null;
}

/** Returns the domain events, or the rule that refused them. */
async function decisionOf(
  { stream, decide }: PendingDecision,
  history: readonly StoredEvent[],
): Promise<readonly DomainEvent[] | RuleBroken> {
  try {
    return await decide(history, (n) => eventId(stream, n));
  } catch (error) {
    if (error instanceof RuleBroken) return error;
    throw error;
  }
}

async function inOrder<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) results.push(await work(item, index));
  return results;
}

/** Returns what the current command has already stored in a stream; null when it has stored nothing. */
function storedBefore(history: readonly StoredEvent[]): { decisionResult: DecisionResult; position: Position } | null {
  const { commandId } = requireContext();
  const own = history.filter(({ metadata }) => metadata.commandId === commandId);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last) return null;
  const domainEvents = own.map(({ type, data }) => ({ type, data }));
  return {
    decisionResult: { history: history.slice(0, history.indexOf(first)), domainEvents, revision: revisionOf(history) },
    position: last.position,
  };
}

/** Derives an id from the current command, so that a retry makes the same one. */
export function newId(kind: string): string {
  return deterministicId(requireContext().commandId, kind);
}

/** Derives the id of the command's n-th domain event in a stream, so that a retry appends the same event. */
export function eventId(stream: string, index: number): string {
  return deterministicId(requireContext().commandId, stream, String(index));
}

function envelopes(stream: string, eventContext: EventContext, domainEvents: readonly DomainEvent[]): NewEvent[] {
  const { correlationId, causationId, commandId } = requireContext();
  return domainEvents.map((domainEvent, index) => ({
    id: eventId(stream, index),
    type: domainEvent.type,
    data: domainEvent.data as JsonObject,
    metadata: {
      ...eventContext,
      schemaVersion: SCHEMA_VERSION,
      $correlationId: correlationId,
      $causationId: causationId,
      commandId,
    },
  }));
}
