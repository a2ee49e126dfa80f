import type { RecordedEvent, StoredEvent } from '../../../src/shared/event-sourcing/event-store.js';
import type { DomainEvent } from '../../../src/shared/event-sourcing/command-handling.js';
import { PLATFORM, type ScopeRef } from '../../../src/modules/access/scope-ref.js';
import { RuleBroken } from '../../../src/shared/problems/problem-codes.js';
import type { Random } from '../../shared/event-sourcing/event-store-support.js';

const HOUR_MS = 3_600_000;

/** Where an event belongs. */
export interface Home {
  scope: ScopeRef;
  organisationId: string | null;
}
export const ON_PLATFORM: Home = { scope: PLATFORM, organisationId: null };

/**
 * A log that is written event by event, with a clock that sometimes stands still, and sometimes leaps forward and back
 * again.
 */
export class WrittenLog {
  readonly events: RecordedEvent[] = [];
  private readonly streams = new Map<string, StoredEvent[]>();
  private skewMs = 0;
  private time: number;

  constructor(
    protected readonly random: Random,
    start: string,
    private readonly meanStepMs: number,
  ) {
    this.time = Date.parse(start);
  }

  read(stream: string): readonly StoredEvent[] {
    return this.streams.get(stream) ?? [];
  }

  /** The moment of the next decision. */
  get now(): Date {
    return new Date(this.time + this.skewMs);
  }

  pass(milliseconds: number): void {
    this.time += milliseconds;
  }

  /** Appends what `decide` returns. A refused decision appends nothing. */
  decide(
    stream: string,
    home: Home,
    actor: string,
    decide: (history: readonly StoredEvent[], now: Date) => readonly DomainEvent[],
  ): boolean {
    try {
      const decided = decide(this.read(stream), this.now);
      return this.append(stream, home, actor, decided) && decided.length > 0;
    } catch (error) {
      if (error instanceof RuleBroken) return false;
      throw error;
    }
  }

  /** @returns whether the events were taken */
  append(
    stream: string,
    { scope, organisationId }: Home,
    actor: string,
    domainEvents: readonly DomainEvent[],
  ): boolean {
    const id = this.random.uuid();
    for (const { type, data } of domainEvents) {
      const history = this.streams.get(stream) ?? [];
      const event = {
        id: this.random.uuid(),
        type,
        data: JSON.parse(JSON.stringify(data)) as StoredEvent['data'],
        metadata: {
          actor,
          organisationId,
          scope,
          schemaVersion: 1,
          $correlationId: id,
          $causationId: id,
          commandId: id,
        },
        stream,
        revision: history.length,
        recordedAt: this.now.toISOString(),
      };
      this.events.push(event);
      this.streams.set(stream, [...history, { ...event, position: String(this.events.length) }]);
    }
    this.tick();
    return true;
  }

  private tick(): void {
    const chance = this.random.int(100);
    if (chance < 10) return;
    if (chance < 12) this.skewMs = (this.random.int(2) === 0 ? 1 : -1) * this.random.int(3 * HOUR_MS);
    else if (chance < 20) this.skewMs = 0;
    this.time += chance < 30 ? 1 : this.random.int(2 * this.meanStepMs);
  }
}
