import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import type { FastifyRequest } from 'fastify';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import type { InvitationCallDto } from '../../invitations/invitations.contract.js';
import { GROUP_WINDOWS, InviteGroupMembersDto } from '../../groups/groups.contract.js';
import { InviteObserversDto, OBSERVER_WINDOWS } from '../../observers/observers.contract.js';
import { InvitePatientsDto, PATIENT_WINDOWS } from '../../patients/patients.contract.js';
import { InviteStaffDto, STAFF_WINDOWS } from '../../staff/staff.contract.js';
import * as people from '../shell/people-place.js';
import { pathOf } from '../shell/place.js';
import { inEachPlace, inGroup } from '../shell/place-routes.js';

/** What differs between the forms that invite staff, patients, observers and members of groups. */
export interface Inviting extends people.Subject {
  /** The type of the invitations. Texts `invite.<kind>.*` are about it. */
  kind: 'staff' | 'patient' | 'observer' | 'groupMember';
  /** What follows the path of the place, for the list of invitations. */
  list: string;
  dto: ClassConstructor<InvitationCallDto>;
  windows: readonly string[];
  /** Whether the form has a role. */
  hasRole: boolean;
}

const STAFF: Inviting = {
  ...people.STAFF,
  kind: 'staff',
  list: 'staff/invitations',
  dto: InviteStaffDto,
  windows: STAFF_WINDOWS,
  hasRole: true,
};
const PATIENTS: Inviting = {
  ...people.PATIENTS,
  kind: 'patient',
  list: 'patients?type=pending',
  dto: InvitePatientsDto,
  windows: PATIENT_WINDOWS,
  hasRole: false,
};

const OBSERVERS: Inviting = {
  ...people.OBSERVERS,
  kind: 'observer',
  list: 'observers?type=pending',
  dto: InviteObserversDto,
  windows: OBSERVER_WINDOWS,
  hasRole: false,
};

const GROUP_MEMBERS: Inviting = {
  ...people.GROUP_MEMBERS,
  kind: 'groupMember',
  list: 'invitations',
  dto: InviteGroupMembersDto,
  windows: GROUP_WINDOWS,
  hasRole: false,
};

/** The paths of a page about the invitations of patients and observers. Deployments have them. */
export function forPatientsAndObservers(page: string): string[] {
  return [PATIENTS, OBSERVERS].map(({ segment }) => `portal/deployments/:id/${segment}/${page}`);
}

/** The paths of a page about the invitations of staff, in each place, of patients and observers, and of groups. */
export function forEachInviting(page: string): string[] {
  return [...inEachPlace(`staff/${page}`), ...forPatientsAndObservers(page), inGroup(page)];
}

/** What a page of `forEachInviting` is about. */
export const Whom = createParamDecorator((_: unknown, context: ExecutionContext): Inviting => {
  const { routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
  if (routeOptions.url?.startsWith('/portal/groups/')) return GROUP_MEMBERS;
  const [, segment] = /^\/portal\/deployments\/:id\/(\w+)\//.exec(routeOptions.url ?? '') ?? [];
  return [PATIENTS, OBSERVERS].find((whom) => whom.segment === segment) ?? STAFF;
});

/** The address of the list of invitations. @param done what the list says was done */
export function invitationsAt(ref: ScopeRef, { list }: Pick<Inviting, 'list'>, done?: string): string {
  const path = `${pathOf(ref)}/${list}`;
  return done === undefined ? path : `${path}${list.includes('?') ? '&' : '?'}done=${done}`;
}
