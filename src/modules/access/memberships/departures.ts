import { Logger } from '@nestjs/common';
import type { SessionRegister } from '../../accounts/accounts.contract.js';
import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { deterministicId } from '../../../shared/event-sourcing/stream-id.js';
import type { EventStore, Position, StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { requireContext, runInContext, type RequestContext } from '../../../shared/request-context/request-context.js';
import type { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import type { ProcessManager } from '../../../shared/process-managers/process-manager-runner.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';

/**
 * A kind of place that people hold, such as a role or an enrolment. The module of its type of invitation registers it.
 */
export interface PlaceKind {
  /** Types of the events that end such a place. */
  readonly ends: readonly string[];
  /** Whether the end of the last one in an organisation also ends the person's group memberships there. */
  readonly isRole: boolean;
  /** The read model that lists people's places. */
  readonly projection: string;
  /** The streams in which the person holds or held such a place in the organisation; null means in any. May lag. */
  streamsOf(personId: string, organisationId: string | null): Promise<string[]>;
  /** The person who holds or held the place; undefined when nobody ever did. */
  personIn(history: readonly StoredEvent[]): string | undefined;
  /** Whether the stream shows that the person holds the place now. */
  isHeld(history: readonly StoredEvent[]): boolean;
}

/** The loss of a person's last role in an organisation, by the event `cause`. */
export interface Departure {
  personId: string;
  organisationId: string;
  cause: StoredEvent;
}

/** The work of a module after a departure. `Departures` calls it at least once, so it must be idempotent. */
export type Following = (departure: Departure) => Promise<void>;

const PATIENCE_MS = 3000;

/**
 * Ends what depends on a place, when that place ends: group memberships and invitations with the last role in an
 * organisation, sessions with the last place of all. It runs in the request. After a crash, or when read models lag,
 * the process manager does it. Source: docs/domain.md §11
 */
export class Departures implements ProcessManager {
  readonly name = 'departures';
  private readonly logger = new Logger(Departures.name);
  private readonly kinds: PlaceKind[] = [];
  private readonly followings: Following[] = [];
  private readonly needs: string[] = [];

  constructor(
    private readonly store: EventStore,
    private readonly projections: ProjectionRunner,
    private readonly sessions: SessionRegister,
    private readonly endSessionsWithLastRole: boolean,
  ) {}

  register(kind: PlaceKind): void {
    this.kinds.push(kind);
  }

  /** @param needs the read models that `following` reads, besides those of places */
  afterLastRole(following: Following, needs: readonly string[]): void {
    this.followings.push(following);
    this.needs.push(...needs);
  }

  get handles(): readonly string[] {
    return this.kinds.flatMap(({ ends }) => ends);
  }

  /** Runs in the request that ended a place. The process manager repeats a part that fails here. */
  async complete(stream: string): Promise<void> {
    const context = requireContext();
    const ended = (await this.store.read(stream)).findLast(
      ({ type, metadata }) => metadata.commandId === context.commandId && this.handles.includes(type),
    );
    if (!ended) return;
    // The process manager uses the same cause and command id, so that both store the same events.
    const own: RequestContext = {
      correlationId: ended.metadata.$correlationId,
      causationId: ended.id,
      commandId: deterministicId(ended.id, this.name),
    };
    try {
      await runInContext(own, async () => this.react(ended));
    } catch (error) {
      this.logger.warn({ err: error, msg: 'the process manager must finish the work after the end of a place' });
    }
    if (own.position !== undefined) context.position = own.position;
  }

  async react(event: StoredEvent): Promise<void> {
    const kind = this.kinds.find(({ ends }) => ends.includes(event.type));
    const personId = kind?.personIn(await this.store.read(event.stream));
    if (!kind || personId === undefined) return;
    await this.mustShow(event);
    const { organisationId } = event.metadata;
    // Events of older versions have no `keepGroups`, because in those versions groups did not end.
    const keepGroups = event.data['keepGroups'];
    if (
      kind.isRole &&
      organisationId !== null &&
      typeof keepGroups === 'boolean' &&
      !(await this.heldAt(event, kind, personId, organisationId))
    ) {
      // Sessions end first, so that a stream that refuses decisions can't keep the person signed in.
      if (this.endSessionsWithLastRole)
        await this.sessions.endThoseBefore(personId, event.position, 'no-place', SYSTEM);
      if (!keepGroups) for (const follow of this.followings) await follow({ personId, organisationId, cause: event });
    }
    if (!(await this.holdsPlace(personId)))
      await this.sessions.endThoseBefore(personId, event.position, 'no-place', SYSTEM);
  }

  /** Whether the person holds any place, by the streams. May miss a place that began a moment ago. */
  async holdsPlace(personId: string): Promise<boolean> {
    for (const kind of this.kinds) {
      const histories = await this.store.readMany(await kind.streamsOf(personId, null));
      if ([...histories.values()].some((history) => kind.isHeld(history))) return true;
    }
    return false;
  }

  /**
   * Whether a place of the person ended after this position, by the streams. May miss a place that began a moment ago.
   */
  async lostPlaceSince(personId: string, position: Position): Promise<boolean> {
    for (const kind of this.kinds) {
      const histories = await this.store.readMany(await kind.streamsOf(personId, null));
      const ends = [...histories.values()].flat().filter(({ type }) => kind.ends.includes(type));
      if (ends.some((end) => this.store.comparePositions(end.position, position) > 0)) return true;
    }
    return false;
  }

  /**
   * Whether the person held another such place in the organisation at the event's position. A later replay gives the
   * same answer.
   */
  private async heldAt(
    { position }: StoredEvent,
    kind: PlaceKind,
    personId: string,
    organisationId: string,
  ): Promise<boolean> {
    const histories = await this.store.readMany(await kind.streamsOf(personId, organisationId));
    return [...histories.values()].some((history) =>
      kind.isHeld(history.filter((event) => this.store.comparePositions(event.position, position) <= 0)),
    );
  }

  /**
   * Waits for the read models that list places, because one that lags would hide a place.
   * @throws RuleBroken `read-model-behind`
   */
  private async mustShow({ position }: StoredEvent): Promise<void> {
    if (await this.projections.reached(position, PATIENCE_MS)) return;
    const needed = [...this.kinds.map(({ projection }) => projection), ...this.needs];
    const late = (await this.projections.status()).some(
      (each) =>
        needed.includes(each.name) &&
        (each.position === null || this.store.comparePositions(each.position, position) < 0),
    );
    if (late) throw new RuleBroken('read-model-behind', { retryAfter: 1 });
  }
}
