import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import type { EffectivePermissions, Permission, ScopeRef } from '../../access/access.domain.contract.js';
import { InvitationListDto, ListInvitations } from '../../invitations/invitations.contract.js';
import type { TextKey } from '../texts/texts.en.js';
import { pathOf } from './place.js';

/** No index has the mails that failed by place, so a count of many takes long. */
const MOST_FAILED_MAILS = 1000;

interface Waiting {
  path: string;
  label: TextKey;
  count: number;
  /** Whether there are more, because a long list is not counted to its end. */
  isMore: boolean;
}

/** What an overview says about invitations of one kind: shell/parts/waiting-invitations.hbs. */
interface WaitingView {
  kind: string;
  title: TextKey;
  /** The form that invites; null for visitors who may not. */
  invite: string | null;
  inviteLabel: TextKey;
  /** Empty for visitors who may not list invitations. */
  lists: Waiting[];
}

/** A list that an overview links to, with its filter in the address of the page and in the query. */
interface WaitingList {
  label: TextKey;
  page: string;
  filter: Partial<Pick<InvitationListDto, 'state'>> & { mail?: 'failed' };
  /** Whether the link stands there also when nothing waits. */
  isAlwaysShown: boolean;
}

/** What differs between the kinds of invitations. */
interface WaitingKind {
  kind: 'staff' | 'patient';
  segment: string;
  manage: Permission;
  view: Permission;
  title: TextKey;
  inviteLabel: TextKey;
  lists: readonly WaitingList[];
}

const STAFF: WaitingKind = {
  kind: 'staff',
  segment: '/staff',
  manage: 'staff.manage',
  view: 'staff.view',
  title: 'place.staffMembers',
  inviteLabel: 'shell.inviteStaff',
  lists: [
    { label: 'staff.pending', page: '/invitations?state=pending', filter: { state: 'pending' }, isAlwaysShown: true },
    { label: 'place.expired', page: '/invitations?state=expired', filter: { state: 'expired' }, isAlwaysShown: false },
    {
      label: 'place.mailFailed',
      page: '/invitations?state=pending&mail=failed',
      filter: { state: 'pending', mail: 'failed' },
      isAlwaysShown: false,
    },
  ],
};
const PATIENTS: WaitingKind = {
  kind: 'patient',
  segment: '/patients',
  manage: 'patients.manage',
  view: 'patients.view',
  title: 'patients.title',
  inviteLabel: 'shell.invitePatients',
  lists: [
    { label: 'patients.pendingShort', page: '?type=pending', filter: { state: 'pending' }, isAlwaysShown: true },
    { label: 'patients.type.expired', page: '?type=expired', filter: { state: 'expired' }, isAlwaysShown: false },
    {
      label: 'patients.type.mail-failed',
      page: '?type=mail-failed',
      filter: { state: 'pending', mail: 'failed' },
      isAlwaysShown: false,
    },
  ],
};

/** Reads which invitations wait in a place. */
@Injectable()
export class WaitingInvitations {
  constructor(
    private readonly queries: QueryBus,
    private readonly authorization: Authorization,
  ) {}

  /** Those of each kind that the visitor may see or send there. */
  async in(viewer: string, ref: ScopeRef): Promise<WaitingView[]> {
    const { scope, effectivePermissions } = await this.authorization.evaluate(viewer, ref);
    const kinds = ref.kind === 'deployment' ? [STAFF, PATIENTS] : [STAFF];
    const views = kinds.map(async (kind) => this.of(kind, viewer, ref, effectivePermissions, scope.archived));
    return (await Promise.all(views)).filter((view) => view !== null);
  }

  private async of(
    { kind, segment, manage, view, title, inviteLabel, lists }: WaitingKind,
    viewer: string,
    ref: ScopeRef,
    permissions: EffectivePermissions,
    isArchived: boolean,
  ): Promise<WaitingView | null> {
    const maySee = permissions.can(view);
    const mayInvite = permissions.can(manage) && !isArchived;
    if (!maySee && !mayInvite) return null;
    const path = `${pathOf(ref)}${segment}`;
    const counted = maySee
      ? await Promise.all(lists.map(async (list) => this.counted(viewer, ref, kind, path, list)))
      : [];
    return {
      kind,
      title,
      invite: mayInvite ? `${path}/invite` : null,
      inviteLabel,
      lists: counted.filter(({ count, isAlwaysShown }) => count > 0 || isAlwaysShown),
    };
  }

  private async counted(viewer: string, ref: ScopeRef, kind: string, path: string, list: WaitingList) {
    const { label, page, filter, isAlwaysShown } = list;
    const within = ref.kind === 'organisation' ? { within: 'all' as const } : {};
    const dto = Object.assign(new InvitationListDto(), { ...filter, limit: 1, total: 'true' as const, ...within });
    const { total = 0, totalIsAtLeast } = await this.queries.execute(
      new ListInvitations(viewer, kind, ref, dto, filter.mail && MOST_FAILED_MAILS),
    );
    return { label, path: `${path}${page}`, count: total, isMore: totalIsAtLeast === true, isAlwaysShown };
  }
}
