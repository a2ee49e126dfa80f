import { Injectable } from '@nestjs/common';
import { OwnerGuard, type OwnerRef } from '../../shared/access/owner-guard.js';
import type { ScopeRef } from '../../shared/access/scope-ref.js';
import { Decisions, eventId } from '../../shared/event-store/decisions.js';
import { EventStore, WrongRevision } from '../../shared/event-store/event-store.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { People } from '../../shared/privacy/people.js';
import { sealField, type Sealed } from '../../shared/privacy/sealing.js';
import { isOwner } from './staff-invitation.js';
import type { StaffEvent, StaffFact } from './staff-member.events.js';
import { evolveStaffMember, type StaffMember } from './staff-member.js';
import { staffMemberFrom } from './staff-roles.js';

/** An active member, as their stream has them. */
export interface LoadedMember {
  membershipId: string;
  stream: string;
  revision: number;
  member: StaffMember & { status: 'active' };
  scope: ScopeRef;
  organisationId: string | null;
}

/** Looks at the member, checks who asks, says what happens. Called again after a conflict. @throws RuleBroken */
export type ChangeDecision = (loaded: LoadedMember, reason: Sealed | undefined) => Promise<StaffFact[]>;

const MAX_ATTEMPTS = 12;

/** Changes to members; where the scope's last owner could be lost, through the owner guard. */
@Injectable()
export class StaffChanges {
  constructor(
    private readonly store: EventStore,
    private readonly decisions: Decisions,
    private readonly ownerGuard: OwnerGuard,
    private readonly people: People,
  ) {}

  /** @throws RuleBroken `not-found` for who is no member (any more) */
  async load(membershipId: string): Promise<LoadedMember> {
    const stream = `staff-${membershipId}`;
    const history = await this.store.read(stream);
    const [first, last] = [history[0], history.at(-1)];
    const member = staffMemberFrom(history);
    if (!first || !last || member.status !== 'active') throw new RuleBroken('not-found');
    const { scope, organisationId } = first.metadata;
    return { membershipId, stream, revision: last.revision, member, scope, organisationId };
  }

  /** Decides on the member as stored and stores what was decided. @returns the member afterwards @throws RuleBroken, also `too-many-conflicts` */
  async change(actor: string, membershipId: string, reason: string | undefined, decide: ChangeDecision): Promise<StaffMember> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const loaded = await this.load(membershipId);
      const [fact] = await decide(loaded, await this.seal(loaded, reason));
      if (!fact) return loaded.member;
      if (!(await this.append(actor, loaded, fact))) continue;
      const after = evolveStaffMember(loaded.member, fact as StaffEvent);
      if (isOwner(after, loaded.scope)) await this.register(actor, loaded);
      return after;
    }
    throw new RuleBroken('too-many-conflicts', { retryAfter: 1 });
  }

  /** @returns false when the membership moved meanwhile */
  private async append(actor: string, loaded: LoadedMember, fact: StaffFact): Promise<boolean> {
    if (isOwner(loaded.member, loaded.scope)) return this.ownerGuard.releaseAndChange(ownerOf(loaded), actor, loaded.revision, fact);
    const { scope, organisationId, stream, revision } = loaded;
    try {
      await this.decisions.appendAt(stream, revision, { actor, scope, organisationId }, [fact]);
      return true;
    } catch (error) {
      if (error instanceof WrongRevision) return false;
      throw error;
    }
  }

  private async register(actor: string, loaded: LoadedMember): Promise<void> {
    await this.ownerGuard.register(ownerOf(loaded), actor, (history) => isOwner(staffMemberFrom(history), loaded.scope));
  }

  private async seal({ stream, member }: LoadedMember, reason: string | undefined): Promise<Sealed | undefined> {
    if (reason === undefined) return undefined;
    const person = (await this.people.reveal([member.personId])).get(member.personId);
    return person && sealField(person, { stream, eventId: eventId(stream, 0), field: 'reason' }, reason);
  }
}

function ownerOf({ member, stream, scope, organisationId }: LoadedMember): OwnerRef {
  return { personId: member.personId, stream, scope, organisationId };
}
