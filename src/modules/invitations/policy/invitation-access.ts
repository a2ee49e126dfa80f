import { Injectable } from '@nestjs/common';
import { Authorization, type Scope, type Sight, Sights } from '../../access/access.contract.js';
import type { EffectivePermissions, Permission, ScopeRef } from '../../access/access.domain.contract.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { InvitationPolicies } from './invitation-policy.js';
import type { InvitationRow } from '../manage/invitation-list.projection.js';
import { InvitationLocator, type LocatedInvitation } from '../manage/invitation-locator.js';

/** Who may see one type of invitation, and who may identify the invitee. */
export interface InvitationSeers {
  /** Each of these permissions allows to see the invitation. */
  seenBy: readonly Permission[];
  /** This permission allows to identify the invitee. */
  identifiedBy: Permission;
  /** Whether the invitee may see it by its id. */
  byInvitee: boolean;
}

/** Returns those of the people whom a reader may identify. Readers may always identify themselves. */
export type Identifying = (personIds: readonly string[]) => Promise<ReadonlySet<string>>;

/** A scope, and how the reader sees the invitees and inviters there. */
export interface SeenPlace {
  scope: Scope;
  /** How the reader sees invitees. */
  sight: Sight;
  inviters: Identifying;
}

/** The scopes of one list, and how the reader sees the people in each. */
export interface SeenScopes {
  /** The organisation. */
  scope: Scope;
  scopeIds: readonly string[];
  seenIn: (scope: Scope) => SeenPlace;
}

/** Decides who may see an invitation by its id, and which id it has for them. Source: docs/domain.md §5.2 */
@Injectable()
export class InvitationAccess {
  constructor(
    private readonly authorization: Authorization,
    private readonly sights: Sights,
    private readonly policies: InvitationPolicies,
    private readonly locator: InvitationLocator,
    private readonly store: EventStore,
  ) {}

  /** The invitation that an id names to a reader. @throws RuleBroken `not-found` for readers who may not see it */
  async open(
    reader: string,
    kind: string,
    id: string,
    reads: StreamSource = this.store,
  ): Promise<LocatedInvitation & { seen: SeenPlace }> {
    const policy = this.policies.of(kind);
    const places = new Map<string, SeenPlace>();
    const located = await this.sights.find(reader, id, {
      load: async (storedId) => this.locator.find(kind, storedId, reads),
      existing: async (ids) => this.locator.existing(ids),
      see: async ({ row, scope }) => {
        const seen = await policy.seeing(reader, row, scope, reads);
        if (!seen) return null;
        places.set(row.id, seen);
        return { ...seen.sight, identifies: identifiesInvitee(reader, row, seen.sight) };
      },
    });
    return { ...located, seen: places.get(located.row.id) as SeenPlace };
  }

  /**
   * How the reader sees one invitation; null if they may not see it. Holders of a permission in `seenBy` see it. So
   * does the invitee if `byInvitee`, and the inviter while they hold a role in the organisation.
   */
  async seeing(
    reader: string,
    row: InvitationRow,
    ref: ScopeRef,
    { seenBy, identifiedBy, byInvitee }: InvitationSeers,
    reads: StreamSource,
  ): Promise<SeenPlace | null> {
    const authorization = await this.authorization.evaluate(reader, ref, reads);
    const { effectivePermissions, scope } = authorization;
    const isInviter = async (): Promise<boolean> =>
      reader === inviterOf(row) &&
      (effectivePermissions.roles.length > 0 ||
        (scope.organisation !== null &&
          (await this.authorization.holdsRoleWithin(reader, scope.organisation.id, reads))));
    const sees =
      seenBy.some((permission) => effectivePermissions.can(permission)) ||
      (byInvitee && reader === row.person_id) ||
      (await isInviter());
    return sees
      ? {
          scope,
          sight: await this.sights.of(reader, identifiedBy, authorization),
          inviters: identifyingStaff(effectivePermissions),
        }
      : null;
  }
}

/** Inviters are staff, so `staff.view` identifies them. */
export function identifyingStaff(effectivePermissions: EffectivePermissions): Identifying {
  return async (personIds) => Promise.resolve(new Set(effectivePermissions.can('staff.view') ? personIds : []));
}

/**
 * Whether a reader may identify the invitee. The inviter may until the acceptance, because they knew the address but
 * not who accepted.
 */
export function identifiesInvitee(reader: string, row: InvitationRow, { identifies }: Sight): boolean {
  return identifies || reader === row.person_id || (row.state !== 'accepted' && reader === inviterOf(row));
}

/** The first inviter, even after others resent it. */
function inviterOf({ invited_by: invitedBy, issued_by: issuedBy }: InvitationRow): string {
  return invitedBy ?? issuedBy;
}
