import type { ScopeRef } from '../../access/access.domain.contract.js';
import { pathOf } from '../shell/place.js';

/** Which part of a team a list shows: an organisation with its deployments, or the organisation alone. */
export type Part = 'all' | 'here';

/** The part that the address of a list asks for. Only an organisation has more than one. */
export function partOf({ kind }: ScopeRef, asked: string): Part {
  return kind === 'organisation' && asked !== 'here' ? 'all' : 'here';
}

/** The tabs of the pages about staff. */
export function staffTabs(ref: ScopeRef, current: 'users' | 'invites' | 'batches' | 'observers') {
  const path = `${pathOf(ref)}/staff`;
  const tabs = [
    { path, label: 'staff.users' as const, current: current === 'users' },
    { path: `${path}/invitations`, label: 'staff.invites' as const, current: current === 'invites' },
    { path: `${path}/batches`, label: 'staff.batches' as const, current: current === 'batches' },
  ];
  if (ref.kind !== 'deployment') return tabs;
  const observers = { path: `${pathOf(ref)}/observers`, label: 'observers.title' as const };
  return [...tabs, { ...observers, current: current === 'observers' }];
}
