import { Injectable } from '@nestjs/common';
import { CommandHandling, type DomainEvent } from '../../../shared/event-sourcing/command-handling.js';
import { EventStore, revisionOf, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import type { ReadSet, StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { OwnEvents } from '../../../shared/rate-limits/own-events.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { People, sealReason } from '../../people/people.contract.js';
import type { Sealed } from '../../../shared/crypto/sealing.js';
import { Departures } from './departures.js';
import { OwnerGuard, type OwnerRef } from '../owner-guard/owner-guard.js';
import { scopeOf, type ScopeRef } from '../scope-ref.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';

/** The declaration of a kind of members that can change. */
export interface MemberKind<Member extends { personId: string }, Change extends DomainEvent> {
  /** The category of the membership streams. */
  readonly category: string;
  /** The active member that a stream shows; undefined when there is none. */
  activeFrom(history: readonly StoredEvent[]): Member | undefined;
  /** The member after a change; undefined when it ended the membership. */
  after(member: Member, change: Change): Member | undefined;
  /** Whether the member is an owner. A scope must keep at least one. */
  isOwner(member: Member, scope: ScopeRef): boolean;
}

/** An active member, read from their stream. */
export interface LoadedMember<Member> {
  membershipId: string;
  stream: string;
  revision: number;
  member: Member;
  scope: ScopeRef;
  organisationId: string | null;
}

/**
 * Authorises through `reads`, and returns the change of the loaded member. Runs again after a conflict.
 * @throws RuleBroken
 */
export type ChangeDecision<Member, Change> = (
  loaded: LoadedMember<Member>,
  reads: ReadSet,
  reason: Sealed | undefined,
) => Promise<readonly Change[]>;

/** The member before and after the change. Without a change, both are the same. */
interface Changed<Member> {
  loaded: LoadedMember<Member>;
  after: Member | undefined;
  isOwnerAfter: boolean;
}

/** Changes members. The owner guard makes each change of an owner. */
@Injectable()
export class MembershipChanges {
  constructor(
    private readonly store: EventStore,
    private readonly commandHandling: CommandHandling,
    private readonly ownerGuard: OwnerGuard,
    private readonly people: People,
    private readonly ownEvents: OwnEvents,
    private readonly departures: Departures,
  ) {}

  /** @throws RuleBroken `not-found` when the stream shows no active member */
  async load<Member extends { personId: string }>(
    kind: Pick<MemberKind<Member, never>, 'category' | 'activeFrom'>,
    membershipId: string,
    reads: StreamSource = this.store,
  ): Promise<LoadedMember<Member>> {
    const stream = StreamId.of(kind.category, membershipId);
    const history = await reads.read(stream);
    const [first, member] = [history[0], kind.activeFrom(history)];
    if (!first || !member) throw new RuleBroken('not-found');
    const { organisationId } = first.metadata;
    return { membershipId, stream, revision: revisionOf(history), member, scope: scopeOf(first), organisationId };
  }

  /**
   * Decides on the stored member, and stores the result.
   * @returns the member afterwards
   * @throws RuleBroken, also `too-many-conflicts`
   */
  async change<Member extends { personId: string }, Change extends DomainEvent>(
    kind: MemberKind<Member, Change>,
    actor: string,
    membershipId: string,
    reason: string | undefined,
    decide: ChangeDecision<Member, Change>,
  ): Promise<Member | undefined> {
    const { loaded, after, isOwnerAfter } = await this.commandHandling.retrying(
      async (reads): Promise<Changed<Member>> => {
        const found = await this.load(kind, membershipId, reads);
        const sealed =
          reason === undefined ? undefined : await sealReason(this.people, found.member.personId, found.stream, reason);
        const [change] = await decide(found, reads, sealed);
        if (!change) {
          this.commandHandling.noteUnchanged(await reads.read(found.stream));
          return { loaded: found, after: found.member, isOwnerAfter: false };
        }
        await this.ownEvents.count(actor, found.member.personId);
        const changed = kind.after(found.member, change);
        const staysOwner = changed !== undefined && kind.isOwner(changed, found.scope);
        await this.append(kind, actor, found, change, staysOwner, reads);
        return { loaded: found, after: changed, isOwnerAfter: staysOwner };
      },
    );
    if (isOwnerAfter)
      await this.ownerGuard.register(ownerOf(loaded), actor, (history) => showsOwner(kind, history, loaded.scope));
    if (after === undefined) await this.departures.complete(loaded.stream);
    return after;
  }

  /** @throws WrongRevision when the membership changed meanwhile; AppendConditionFailed */
  private async append<Member extends { personId: string }, Change extends DomainEvent>(
    kind: MemberKind<Member, Change>,
    actor: string,
    loaded: LoadedMember<Member>,
    change: Change,
    isOwnerAfter: boolean,
    reads: ReadSet,
  ): Promise<void> {
    const { scope, organisationId, stream, revision } = loaded;
    if (kind.isOwner(loaded.member, scope))
      return this.ownerGuard.releaseAndChange(ownerOf(loaded), actor, revision, change, isOwnerAfter, reads);
    await this.commandHandling.appendExpecting(stream, revision, { actor, scope, organisationId }, [change], reads);
  }
}

/** Whether a membership stream shows an owner of the scope. */
export function showsOwner<Member extends { personId: string }>(
  kind: Pick<MemberKind<Member, never>, 'activeFrom' | 'isOwner'>,
  history: readonly StoredEvent[],
  scope: ScopeRef,
): boolean {
  const member = kind.activeFrom(history);
  return member !== undefined && kind.isOwner(member, scope);
}

function ownerOf({ member, stream, scope, organisationId }: LoadedMember<{ personId: string }>): OwnerRef {
  return { personId: member.personId, stream, scope, organisationId };
}
