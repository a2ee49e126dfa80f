import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization, Roles } from '../../access/access.contract.js';
import {
  type InvitationAnswer,
  InvitePeopleDto,
  InvitePeople,
  MAX_RECIPIENTS,
  optionsFrom,
} from '../../invitations/invitations.contract.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { EnumField, RoleKeyField } from '../../../shared/http/fields.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { STAFF_WINDOWS, StaffInvitationPolicy } from './staff-invitation.policy.js';

export class InviteStaffDto extends InvitePeopleDto {
  @RoleKeyField({ description: "A built-in role's key or a custom role's id", example: 'deployment-staff' })
  role: string;
  @EnumField({ description: '`7d` unless given', of: STAFF_WINDOWS, optional: true })
  expiresIn?: (typeof STAFF_WINDOWS)[number];
}

/** Invites to the platform, which has roles of its own. */
export class InvitePlatformStaffDto extends InviteStaffDto {
  @RoleKeyField({ description: 'super-admin, support or account-manager', example: 'support' })
  declare role: string;
}

/** Invites people to the staff of a scope. */
export class InviteStaff extends Command<InvitationAnswer> {
  constructor(
    readonly actor: string,
    readonly scope: ScopeRef,
    readonly dto: InviteStaffDto,
  ) {
    super();
  }
}

@CommandHandler(InviteStaff)
export class InviteStaffHandler implements ICommandHandler<InviteStaff> {
  constructor(
    private readonly authorization: Authorization,
    private readonly roles: Roles,
    private readonly invitePeople: InvitePeople,
    private readonly staffInvitationPolicy: StaffInvitationPolicy,
  ) {}

  async execute({ actor, scope: ref, dto }: InviteStaff): Promise<InvitationAnswer> {
    const call = { actor, emails: dto.emails, ...optionsFrom(this.staffInvitationPolicy, dto) };
    return this.invitePeople.invite(this.staffInvitationPolicy, call, async (reads) => {
      const authorization = await this.authorization.requireWrite(actor, 'staff.manage', ref, reads);
      const role = await this.roles.mustBeGrantable(dto.role, authorization);
      if (dto.emails.length > MAX_RECIPIENTS) throw new RuleBroken('too-many-recipients');
      return {
        scope: authorization.scope,
        grant: { role: role.id },
        identifies: authorization.effectivePermissions.can('staff.view'),
      };
    });
  }
}
