import { Logger } from '@nestjs/common';
import type { Accounts } from '../../accounts/accounts.contract.js';
import { deterministicId } from '../../../shared/event-sourcing/deterministic-id.js';
import type { EventStore, Position, StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { requireContext, runInContext, type RequestContext } from '../../../shared/request-context/request-context.js';
import type { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import type { ProcessManager } from '../../../shared/process-managers/process-manager-runner.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';

/** A kind of place that people hold: a role, a group membership, an enrolment. Its module registers how to find one. */
export interface PlaceKind {
  /** Types of the events that end such a place. */
  readonly ends: readonly string[];
  /** Whether the end of the last one in an organisation also ends the person's group memberships there. */
  readonly isRole: boolean;
  /** The read model that lists people's places. */
  readonly projection: string;
  /** The streams in which the person holds or held one, in this organisation; null means anywhere. May lag. */
  streamsOf(personId: string, organisationId: string | null): Promise<string[]>;
  /** The person who holds or held it; undefined when nobody ever did. */
  personIn(history: readonly StoredEvent[]): string | undefined;
  /** Whether the stream shows a place that is held now. */
  isHeld(history: readonly StoredEvent[]): boolean;
}

/** A person lost their last role in an organisation, by the event `cause`. */
export interface Departure {
  personId: string;
  organisationId: string;
  cause: StoredEvent;
}

/** What a module does after a departure. Called at least once, so it must be idempotent. */
export type Following = (departure: Departure) => Promise<void>;

const PATIENCE_MS = 3000;

/**
 * Applies what follows from the end of a place. The last role in an organisation takes group memberships and
 * invitations along; the last place of all takes the sessions. It runs before the call is answered. After a crash, or
 * when read models lag, it runs as a process manager. Source: docs/domain.md §11
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
    private readonly accounts: Accounts,
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

  /** Called right after a place was ended, in the same request. What fails now is left to the process manager. */
  async complete(stream: string): Promise<void> {
    const context = requireContext();
    const ended = (await this.store.read(stream)).findLast(
      ({ type, metadata }) => metadata.commandId === context.commandId && this.handles.includes(type),
    );
    if (!ended) return;
    // The same cause and command id as the process manager uses, so that both store the same events.
    const own: RequestContext = {
      correlationId: ended.metadata.$correlationId,
      causationId: ended.id,
      commandId: deterministicId(ended.id, this.name),
    };
    try {
      await runInContext(own, async () => this.react(ended));
    } catch (error) {
      this.logger.warn({ err: error, msg: 'what follows from the end of a place is left to the process manager' });
    }
    if (own.position !== undefined) context.position = own.position;
  }

  async react(event: StoredEvent): Promise<void> {
    const kind = this.kinds.find(({ ends }) => ends.includes(event.type));
    const personId = kind?.personIn(await this.store.read(event.stream));
    if (!kind || personId === undefined) return;
    await this.mustShow(event);
    const { organisationId } = event.metadata;
    // Events of older versions, in which nothing else ended, have no `keepGroups`.
    const keepGroups = event.data['keepGroups'];
    if (
      kind.isRole &&
      organisationId !== null &&
      typeof keepGroups === 'boolean' &&
      !(await this.heldAt(event, kind, personId, organisationId))
    ) {
      // Sessions end first, so that the person is signed out even when one of their places can't be decided on.
      if (this.endSessionsWithLastRole) await this.accounts.endSessions(personId);
      if (!keepGroups) for (const follow of this.followings) await follow({ personId, organisationId, cause: event });
    }
    if (!(await this.holdsPlace(personId))) await this.accounts.endSessions(personId);
  }

  /** Whether the person holds any place, by the streams. A place got a moment ago may be missed. */
  async holdsPlace(personId: string): Promise<boolean> {
    for (const kind of this.kinds) {
      const histories = await this.store.readMany(await kind.streamsOf(personId, null));
      if ([...histories.values()].some((history) => kind.isHeld(history))) return true;
    }
    return false;
  }

  /**
   * Whether a place of the person ended after this position, by the streams. A place that began a moment ago may be
   * missed.
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
   * Whether the person held another such place there when this event was stored. A later replay gives the same answer.
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

  /** Read models list the places, so one that lags would hide a place. @throws RuleBroken `read-model-behind` */
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
