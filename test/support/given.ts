import { PLATFORM } from '../../src/modules/access/scope-ref.js';
import type { DomainEvent } from '../../src/shared/event-sourcing/command-handling.js';
import type { JsonObject, StoredEvent } from '../../src/shared/event-sourcing/event-store.js';
import type { ProblemCode } from '../../src/shared/problems/problem-codes.js';

/** The actor and the time of an event, for tests that compare them. */
export interface Circumstances {
  actor?: string;
  recordedAt?: string;
}

export const SOMEBODY = '5a4d2f3e-0000-4000-8000-00000000aaaa';
export const THEN = '2026-01-05T10:00:00.000Z';

/** A domain event as the log returns it. @param n its revision in the stream */
export function recorded(
  { type, data }: DomainEvent,
  n = 0,
  { actor = SOMEBODY, recordedAt = THEN }: Circumstances = {},
): StoredEvent {
  return {
    id: `event-${String(n)}`,
    type,
    data: data as JsonObject,
    stream: 'staff-00000000-0000-4000-8000-000000000002',
    revision: n,
    position: String(n + 1),
    recordedAt,
    metadata: {
      actor,
      organisationId: null,
      scope: PLATFORM,
      schemaVersion: 1,
      $correlationId: 'request',
      $causationId: 'command',
      commandId: 'command',
    },
  };
}

/** The outcome of a decision, with expectations about it. */
export class Outcome<Happened extends DomainEvent> {
  constructor(private readonly decide: () => readonly Happened[]) {}

  /** Expects exactly these domain events. */
  then(...domainEvents: Happened[]): void {
    expect(this.decide()).toEqual(domainEvents);
  }

  /** Expects a refusal with this code. @param details other fields of the refusal */
  thenRefused(code: ProblemCode, details?: object): void {
    expect(this.refusal()).toMatchObject({ name: 'RuleBroken', code, ...(details ? { details } : {}) });
  }

  /** Expects no domain event and no refusal. */
  thenNothing(): void {
    expect(this.decide()).toEqual([]);
  }

  /** The outcome in one word, for tables: an event's type, a refusal's code, or `nothing`. */
  inOneWord(): string {
    try {
      return (
        this.decide()
          .map(({ type }) => type)
          .join(' + ') || 'nothing'
      );
    } catch (error) {
      return (error as { code: string }).code;
    }
  }

  private refusal(): unknown {
    try {
      return { happened: this.decide() };
    } catch (error) {
      return error;
    }
  }
}

/** A stream's history, on which decisions are made. */
export interface Given<State, Happened extends DomainEvent> {
  /** The state after the history. */
  state: State;
  when(decide: (state: State) => readonly Happened[]): Outcome<Happened>;
}

/**
 * `given(...history).when(decision).then(...domainEvents)`, for one decider. A history holds plain domain events, or
 * events of `recorded` if their circumstances matter.
 */
export function decider<State, Event extends DomainEvent>(
  initial: State,
  evolve: (state: State, event: never) => State,
) {
  return <Happened extends DomainEvent>(...history: readonly (Event | StoredEvent)[]): Given<State, Happened> => {
    const events = history.map((domainEvent, n) =>
      'position' in domainEvent ? domainEvent : recorded(domainEvent, n),
    );
    const state = events.reduce((before, event) => evolve(before, event as never), initial);
    return { state, when: (decide) => new Outcome(() => decide(state)) };
  };
}
