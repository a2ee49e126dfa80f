import type { EventStore, StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import type { ProcessManager } from '../../../shared/process-managers/process-manager-runner.js';
import { showsOwner, type MemberKind } from '../memberships/membership-changes.js';
import { type OwnerGuard } from './owner-guard.js';
import type { OwnershipDomainEvents } from './ownership.events.js';
import { scopeOf } from '../scope-ref.js';

/** Finishes work that a crash left half-done: it registers an owner, or makes the change of a release. */
export class OwnerProcessManager<Member extends { personId: string }> implements ProcessManager {
  readonly handles: readonly string[];

  /** @param domainEvents types of the events after which a member may have become an owner */
  constructor(
    readonly name: string,
    private readonly kind: MemberKind<Member, never>,
    domainEvents: readonly string[],
    private readonly store: EventStore,
    private readonly ownerGuard: OwnerGuard,
  ) {
    this.handles = [...domainEvents, 'OwnerReleased'];
  }

  async react(event: StoredEvent): Promise<void> {
    const scope = scopeOf(event);
    const { organisationId, actor } = event.metadata;
    if (event.type === 'OwnerReleased') {
      const { personId, change } = event.data as unknown as OwnershipDomainEvents['OwnerReleased'];
      if (StreamId.parse(change.stream).category === this.kind.category)
        await this.ownerGuard.finish({ personId, stream: change.stream, scope, organisationId }, change);
      return;
    }
    if (StreamId.parse(event.stream).category !== this.kind.category) return;
    const history = await this.store.read(event.stream);
    const member = this.kind.activeFrom(history);
    if (!member || !this.kind.isOwner(member, scope)) return;
    await this.ownerGuard.register(
      { personId: member.personId, stream: event.stream, scope, organisationId },
      actor,
      (now) => showsOwner(this.kind, now, scope),
    );
  }
}
