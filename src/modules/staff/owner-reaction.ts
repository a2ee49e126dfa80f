import { Injectable } from '@nestjs/common';
import { OwnerGuard } from '../../shared/access/owner-guard.js';
import type { OwnershipFacts } from '../../shared/access/ownership.events.js';
import { categoryOf, EventStore, type StoredEvent } from '../../shared/event-store/event-store.js';
import type { Reaction } from '../../shared/reactions/reaction-runner.js';
import { isOwner } from './staff-invitation.js';
import { staffMemberFrom } from './staff-roles.js';

/** Finishes what a crash left half-done: an owner who isn't registered yet, a release whose change isn't made yet. */
@Injectable()
export class OwnerReaction implements Reaction {
  readonly name = 'staff-owners';
  readonly handles = ['InvitationAccepted', 'StaffRoleChanged', 'OwnerReleased'];

  constructor(
    private readonly store: EventStore,
    private readonly ownerGuard: OwnerGuard,
  ) {}

  async react(event: StoredEvent): Promise<void> {
    const { scope, organisationId, actor } = event.metadata;
    if (event.type === 'OwnerReleased') {
      const { personId, change } = event.data as unknown as OwnershipFacts['OwnerReleased'];
      await this.ownerGuard.finish({ personId, stream: change.stream, scope, organisationId }, change);
      return;
    }
    if (categoryOf(event.stream) !== 'staff') return;
    const member = staffMemberFrom(await this.store.read(event.stream));
    if (member.status !== 'active' || !isOwner(member, scope)) return;
    const owner = { personId: member.personId, stream: event.stream, scope, organisationId };
    await this.ownerGuard.register(owner, actor, (history) => isOwner(staffMemberFrom(history), scope));
  }
}
