import { Injectable } from '@nestjs/common';
import { MemberViews } from '../../invitations/invitations.contract.js';
import { permissionsOf } from './group-member.js';
import type { GroupMemberView } from './group-member.dto.js';
import type { GroupMemberRow } from './group-member-list.projection.js';

/** Members of groups as the API shows them. */
@Injectable()
export class GroupMemberViews {
  constructor(private readonly views: MemberViews) {}

  async of(
    rows: readonly Pick<GroupMemberRow, 'id' | 'person_id' | 'permission_set' | 'since'>[],
  ): Promise<GroupMemberView[]> {
    const views = await this.views.of(rows);
    return rows.flatMap(({ permission_set: permissionSet }, n) =>
      views[n] ? [{ ...views[n], ...permissionsOf({ permissionSet }) }] : [],
    );
  }
}
