import { Logger } from '@nestjs/common';
import type { Accounts } from '../../accounts/accounts.contract.js';
import { deterministicId } from '../../../shared/event-sourcing/deterministic-id.js';
import type { EventStore, Position, StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { requireContext, runInContext, type RequestContext } from '../../../shared/request-context/request-context.js';
import type { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import type { ProcessManager } from '../../../shared/process-managers/process-manager-runner.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';

/** A kind of place that people hold: a role, a group membership, an enrolment. Its context says how to see one. */
export interface PlaceKind {
  /** Types of the events that end such a place. */
  readonly ends: readonly string[];
  /** Whether the last one in an organisation takes the person's group memberships there along. */
  readonly isRole: boolean;
  /** The read model that says where people's places are. */
  readonly projection: string;
  /** The streams in which the person has or had one, in this organisation; null: anywhere. May lag. */
  streamsOf(personId: string, organisationId: string | null): Promise<string[]>;
  /** Who holds or held it; undefined for nobody. */
  personIn(history: readonly StoredEvent[]): string | undefined;
  /** Whether the stream shows one that is held. */
  isHeld(history: readonly StoredEvent[]): boolean;
}

/** Somebody lost their last role in an organisation, by `cause`. */
export interface Departure {
  personId: string;
  organisationId: string;
  cause: StoredEvent;
}

/** What a context does then. Called at least once: quiet when it is done. */
export type Following = (departure: Departure) => Promise<void>;

const PATIENCE_MS = 3000;

/**
 * What follows from the end of a place: with the last role in an organisation group memberships and invitations end, with the last place of all
 * the sessions. Done before the call is answered; after a crash between, or where the read models are late, as a reaction. Source: docs/domain.md §11
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

  /** @param needs the read models that it looks into, besides those of places */
  afterLastRole(following: Following, needs: readonly string[]): void {
    this.followings.push(following);
    this.needs.push(...needs);
  }

  get handles(): readonly string[] {
    return this.kinds.flatMap(({ ends }) => ends);
  }

  /** Right after a place was ended, in the same request; what can't be done now the reaction does. */
  async complete(stream: string): Promise<void> {
    const context = requireContext();
    const ended = (await this.store.read(stream)).findLast(
      ({ type, metadata }) => metadata.commandId === context.commandId && this.handles.includes(type),
    );
    if (!ended) return;
    // As the reaction does it: the same cause, the same events.
    const own: RequestContext = {
      correlationId: ended.metadata.$correlationId,
      causationId: ended.id,
      commandId: deterministicId(ended.id, this.name),
    };
    try {
      await runInContext(own, async () => this.react(ended));
    } catch (error) {
      this.logger.warn({ err: error, msg: 'what follows from the end of a place is left to the reaction' });
    }
    if (own.position !== undefined) context.position = own.position;
  }

  async react(event: StoredEvent): Promise<void> {
    const kind = this.kinds.find(({ ends }) => ends.includes(event.type));
    const personId = kind?.personIn(await this.store.read(event.stream));
    if (!kind || personId === undefined) return;
    await this.mustShow(event);
    const { organisationId } = event.metadata;
    // Events of versions that ended nothing else say nothing of groups.
    const keepGroups = event.data['keepGroups'];
    if (
      kind.isRole &&
      organisationId !== null &&
      typeof keepGroups === 'boolean' &&
      !(await this.heldAt(event, kind, personId, organisationId))
    ) {
      // First: the person is signed out even where nothing can be decided on one of their places.
      if (this.endSessionsWithLastRole) await this.accounts.endSessions(personId);
      if (!keepGroups) for (const follow of this.followings) await follow({ personId, organisationId, cause: event });
    }
    if (!(await this.holdsPlace(personId))) await this.accounts.endSessions(personId);
  }

  /** Whether somebody holds a place anywhere, by the streams. May not know yet of one got a moment ago. */
  async holdsPlace(personId: string): Promise<boolean> {
    for (const kind of this.kinds) {
      const histories = await this.store.readMany(await kind.streamsOf(personId, null));
      if ([...histories.values()].some((history) => kind.isHeld(history))) return true;
    }
    return false;
  }

  /** Whether a place of theirs ended after this position, by the streams. May not know yet of one that began a moment ago. */
  async lostPlaceSince(personId: string, position: Position): Promise<boolean> {
    for (const kind of this.kinds) {
      const histories = await this.store.readMany(await kind.streamsOf(personId, null));
      const ends = [...histories.values()].flat().filter(({ type }) => kind.ends.includes(type));
      if (ends.some((end) => this.store.comparePositions(end.position, position) > 0)) return true;
    }
    return false;
  }

  /** Whether, when this was stored, the person held another one there: shown again after years it comes to the same. */
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

  /** Where to look is said by read models: a place that they don't know yet would be taken for none. @throws RuleBroken `read-model-behind` */
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
