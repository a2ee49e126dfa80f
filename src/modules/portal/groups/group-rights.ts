import type { GroupAuthorization } from '../../groups/groups.contract.js';

/** What a visitor may do in a group, by the same facts by which the API decides. Only an open group changes. */
export interface GroupRights {
  /** The visitor's membership; null for visitors without one. */
  membershipId: string | null;
  /** Whether the visitor sees the files, as every member does. */
  seesContent: boolean;
  /** Whether the visitor sees the invitations, and may remove members. */
  appoints: boolean;
  /** Whether the visitor may give every permission set. Owners without a membership only appoint administrators. */
  administers: boolean;
  /** Whether the visitor is an owner of the organisation or a super-admin. */
  isOwner: boolean;
  isOpen: boolean;
  mayAddFiles: boolean;
}

export function rightsIn(authorization: GroupAuthorization): GroupRights {
  const { scope, member, membershipId, permissions, isAccountAdministrator } = authorization;
  const isOpen = !scope.archived;
  const administers = permissions?.administrator === true;
  return {
    membershipId: member ? membershipId : null,
    seesContent: permissions !== undefined,
    appoints: administers || isAccountAdministrator,
    administers,
    isOwner: isAccountAdministrator,
    isOpen,
    mayAddFiles: isOpen && permissions?.contentCreator === true,
  };
}

type Tab = 'members' | 'invitations' | 'files' | 'history' | 'settings';

/** The tabs of a group that open for the visitor. */
export function groupTabs(path: string, { seesContent, appoints }: GroupRights, current: Tab) {
  const tabs: { tab: Tab; segment: string; isOpen: boolean }[] = [
    { tab: 'members', segment: '', isOpen: true },
    { tab: 'invitations', segment: '/invitations', isOpen: appoints },
    { tab: 'files', segment: '/files', isOpen: seesContent },
    { tab: 'history', segment: '/history', isOpen: appoints },
    { tab: 'settings', segment: '/settings', isOpen: appoints },
  ];
  return tabs
    .filter(({ isOpen }) => isOpen)
    .map(({ tab, segment }) => ({
      path: `${path}${segment}`,
      label: `groups.tab.${tab}` as const,
      current: tab === current,
    }));
}
