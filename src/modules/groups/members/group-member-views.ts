import { Injectable } from '@nestjs/common';
import { People, PersonNames } from '../../people/people.contract.js';
import { permissionsOf, type ActiveGroupMember } from './group-member.js';
import type { GroupMemberView } from './group-member.dto.js';
import type { GroupMemberRow } from './group-member-list.projection.js';

/** The data of a view, from a row or from the stream. */
export interface ShownGroupMember extends Pick<ActiveGroupMember, 'personId' | 'permissionSet' | 'since'> {
  id: string;
}

/** Members of groups as the API shows them. */
@Injectable()
export class GroupMemberViews {
  constructor(
    private readonly people: People,
    private readonly names: PersonNames,
  ) {}

  async of(members: readonly ShownGroupMember[]): Promise<GroupMemberView[]> {
    const ids = members.map(({ personId }) => personId);
    const [people, names] = await Promise.all([this.people.getByIds(ids), this.names.of(ids)]);
    return members.map((member) => ({
      id: member.id,
      personId: member.personId,
      name: names.get(member.personId) ?? null,
      email: people.get(member.personId)?.email ?? null,
      ...permissionsOf(member),
      since: new Date(member.since).toISOString(),
    }));
  }
}

export function shownFrom({
  id,
  person_id: personId,
  permission_set: permissionSet,
  since,
}: GroupMemberRow): ShownGroupMember {
  return { id, personId, permissionSet, since };
}
