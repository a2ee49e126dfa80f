import { Injectable } from '@nestjs/common';
import {
  CommandHandling,
  type EventContext,
  type DomainEvent,
} from '../../../shared/event-sourcing/command-handling.js';
import { deterministicId, StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { EventStore, revisionOf, WrongRevision, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet } from '../../../shared/event-sourcing/append-condition.js';
import { requireContext, runInContext } from '../../../shared/request-context/request-context.js';
import type { OwnershipEvent, ReleaseChange } from './ownership.events.js';
import {
  evolveOwnership,
  mustHaveAnother,
  NO_OWNERS,
  registerOwner,
  releaseOwner,
  type Ownership,
} from './ownership.js';
import type { ScopeRef } from '../scope-ref.js';

/** An owner of a scope, and their membership stream. */
export interface OwnerRef {
  personId: string;
  /** The membership stream. */
  stream: string;
  scope: ScopeRef;
  organisationId: string | null;
}

export function ownershipStream(scope: ScopeRef): string {
  return StreamId.of('ownership', scope.id);
}

/**
 * Keeps a scope's last owner. One stream per scope decides, so that two owners can't demote each other at the same
 * moment. A crash between release and change loses no owner either. Source: docs/domain.md §4, ADR 0005
 */
@Injectable()
export class OwnerGuard {
  constructor(
    private readonly store: EventStore,
    private readonly commandHandling: CommandHandling,
  ) {}

  /**
   * Registers a person whose membership shows an owner. Stores nothing if they are registered, or while a release of
   * theirs is unfinished.
   */
  async register(owner: OwnerRef, actor: string, isOwner: (history: readonly StoredEvent[]) => boolean): Promise<void> {
    const context = requireContext();
    // This is a decision of its own, because the same command may have released the owner on this stream.
    const own = { ...context, commandId: deterministicId(context.commandId, 'register') };
    await runInContext(own, async () =>
      this.commandHandling.decideAlone(ownershipStream(owner.scope), eventContext(owner, actor), async (history) => {
        const ownership = ownershipFrom(history);
        // Reads the membership after the guard's stream. A concurrent demotion changes the guard's stream first, so
        // this append fails and the handler retries.
        const membership = await this.store.read(owner.stream);
        const change = ownership.released.get(owner.personId);
        const leaving = change !== undefined && !isMade(change, membership);
        return isOwner(membership) && !leaving ? registerOwner(ownership, owner.personId) : [];
      }),
    );
    if (own.position !== undefined) context.position = own.position;
  }

  /**
   * Releases an owner, then makes the change that takes the role away. A change after which they stay an owner also
   * needs a release, because every change of an owner's membership does.
   * @param needsNoOther true if they stay an owner, whom the caller registers afterwards, or if the last owner may go
   * @throws RuleBroken `last-owner`; WrongRevision when the membership changed meanwhile; AppendConditionFailed
   */
  async releaseAndChange(
    owner: OwnerRef,
    actor: string,
    expectedRevision: number,
    fact: ReleaseChange['fact'],
    needsNoOther: boolean,
    onlyIf: ReadSet | null,
  ): Promise<void> {
    const change: ReleaseChange = {
      stream: owner.stream,
      expectedRevision,
      fact,
      actor,
      commandId: requireContext().commandId,
    };
    const decide = async (history: readonly StoredEvent[]): Promise<readonly DomainEvent[]> => {
      const ownership = ownershipFrom(history);
      const open = ownership.released.get(owner.personId);
      if (open) await this.finish(owner, open);
      const revision = revisionOf(await this.store.read(owner.stream));
      if (revision !== expectedRevision) throw new WrongRevision(owner.stream, expectedRevision, revision);
      return releaseOwner(ownership, owner.personId, change, needsNoOther);
    };
    await this.commandHandling.decide({
      stream: ownershipStream(owner.scope),
      eventContext: eventContext(owner, actor),
      decide,
      onlyIf,
    });
    await this.finish(owner, change);
  }

  /** Checks that the owner could be released now, without doing it. @throws RuleBroken `last-owner` */
  async mustBeReleasable({ personId, scope }: OwnerRef): Promise<void> {
    mustHaveAnother(ownershipFrom(await this.store.read(ownershipStream(scope))), personId);
  }

  /** Makes the change that a release recorded, always as the same event. Idempotent. */
  async finish(owner: OwnerRef, change: ReleaseChange): Promise<void> {
    const context = { ...requireContext(), commandId: change.commandId };
    try {
      const position = await runInContext(context, async () =>
        this.commandHandling.appendExpecting(
          change.stream,
          change.expectedRevision,
          eventContext(owner, change.actor),
          [change.fact],
          null,
        ),
      );
      requireContext().position = position;
    } catch (error) {
      if (!(error instanceof WrongRevision)) throw error;
      const membership = await this.store.read(change.stream);
      // If other events are on the stream, the change is appended after them.
      if (!isMade(change, membership))
        await this.finish(owner, { ...change, expectedRevision: revisionOf(membership) });
    }
  }
}

/** Whether the membership has an event after the change's expected revision. Then the change was made. */
function isMade({ expectedRevision }: ReleaseChange, membership: readonly StoredEvent[]): boolean {
  return membership.some(({ revision }) => revision > expectedRevision);
}

export function ownershipFrom(history: readonly StoredEvent[]): Ownership {
  return (history as readonly unknown[] as readonly OwnershipEvent[]).reduce(evolveOwnership, NO_OWNERS);
}

function eventContext({ scope, organisationId }: OwnerRef, actor: string): EventContext {
  return { actor, scope, organisationId };
}
