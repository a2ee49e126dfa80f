import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { InvitationListDto, ListInvitations } from '../../invitations/invitations.contract.js';
import { pathOf } from './place.js';

interface Waiting {
  path: string;
  count: number;
  /** Whether there are more, because a long list is not counted to its end. */
  isMore: boolean;
}

/** What the first page of a place says about its staff: shell/parts/waiting-staff.hbs. */
interface WaitingStaffView {
  /** The name of the place, for pages that are about no place; null elsewhere. */
  placeName: string | null;
  /** Null for visitors who may not invite. */
  invite: string | null;
  /** Null for visitors who may not list invitations. */
  pending: Waiting | null;
  /** Null also when none has expired. */
  expired: Waiting | null;
}

/** Reads what waits among the staff of a place. */
@Injectable()
export class WaitingStaff {
  constructor(
    private readonly queries: QueryBus,
    private readonly authorization: Authorization,
  ) {}

  /** Null for a visitor who may do nothing about staff there. */
  async in(viewer: string, ref: ScopeRef): Promise<WaitingStaffView | null> {
    const { scope, effectivePermissions } = await this.authorization.evaluate(viewer, ref);
    const maySee = effectivePermissions.can('staff.view');
    const mayInvite = effectivePermissions.can('staff.manage') && !scope.archived;
    if (!maySee && !mayInvite) return null;
    const path = `${pathOf(ref)}/staff`;
    const [pending, expired] = maySee
      ? await Promise.all([this.waiting(viewer, ref, 'pending'), this.waiting(viewer, ref, 'expired')])
      : [null, null];
    return {
      placeName: null,
      invite: mayInvite ? `${path}/invite` : null,
      pending,
      expired: expired?.count === 0 ? null : expired,
    };
  }

  private async waiting(viewer: string, ref: ScopeRef, state: 'pending' | 'expired'): Promise<Waiting> {
    const within = ref.kind === 'organisation' ? { within: 'all' as const } : {};
    const dto = Object.assign(new InvitationListDto(), { state, limit: 1, total: 'true' as const, ...within });
    const { total = 0, totalIsAtLeast } = await this.queries.execute(new ListInvitations(viewer, 'staff', ref, dto));
    return {
      path: `${pathOf(ref)}/staff/invitations?state=${state}`,
      count: total,
      isMore: totalIsAtLeast === true,
    };
  }
}
