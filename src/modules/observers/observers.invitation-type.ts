import { MemberListDto } from '../access/access.contract.js';
import { type InvitationType, type MembershipType, PermissionPolicy } from '../invitations/invitations.contract.js';
import { ReasonDto } from '../../shared/http/reason.dto.js';
import { endObserving, type Observer, observerFrom } from './observer.js';
import { InviteObserversDto, OBSERVER_WINDOWS, ObserverPage, ObserverView } from './observer.dto.js';
import { OBSERVER_STREAMS, type ObserverDomainEvent } from './observer.events.js';
import { OBSERVER_INVITATION_TEXTS } from './observer-invitation.texts.js';
import { observerListProjection, ObserverTable } from './observer-list.projection.js';

const MEMBERSHIP: MembershipType<Observer, ObserverDomainEvent> = {
  category: 'observer',
  table: ObserverTable,
  projection: observerListProjection,
  scopeColumn: 'scope_id',
  ends: Object.keys(OBSERVER_STREAMS.types),
  isRole: false,
  guestPermissions: ['deployment.view'],
  activeFrom: observerFrom,
  after: () => undefined,
  isOwner: () => false,
  end: (_observer, by, _options, reason) => endObserving(by, reason),
};

/** The invitation of observers to a deployment. Observers see the deployment, and nobody in it. */
export const OBSERVERS: InvitationType = {
  kind: 'observer',
  linkNumber: 5,
  windows: OBSERVER_WINDOWS,
  defaultWindow: '7d',
  permissions: {
    manage: 'staff.manage',
    view: 'staff.view',
    identify: 'staff.view',
    seenBy: ['staff.view', 'staff.manage'],
    byInvitee: false,
  },
  policy: PermissionPolicy,
  streams: OBSERVER_STREAMS,
  members: MEMBERSHIP,
  mail: OBSERVER_INVITATION_TEXTS,
  routes: {
    tag: 'Observer invitations',
    operations: 'observerInvitations',
    invitees: 'observers to',
    segment: 'observer-invitations',
    one: 'observer-invitation',
    body: InviteObserversDto,
    resendBody: 'ResendObserverInvitationDto',
    change: { body: 'ChangeObserverInvitationDto' },
    places: [{ scope: 'deployment' }],
  },
  memberRoutes: {
    tag: 'Observers',
    operations: 'observers',
    members: 'observers of',
    segment: 'observers',
    one: 'observer',
    path: 'observers',
    query: MemberListDto,
    page: ObserverPage,
    view: ObserverView,
    endBody: ReasonDto,
  },
};
