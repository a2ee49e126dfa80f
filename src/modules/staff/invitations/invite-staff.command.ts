import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Access, Roles } from '../../access/access.contract.js';
import {
  type InvitationAnswer,
  InvitePeopleDto,
  Inviting,
  MAX_RECIPIENTS,
  termsOf,
} from '../../invitations/invitations.contract.js';
import type { ScopeRef } from '../../../shared/event-sourcing/scope-ref.js';
import { Choice, RoleKey } from '../../../shared/http/fields.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { STAFF_WINDOWS, StaffInvitation } from './staff-invitation.policy.js';

export class InviteStaffDto extends InvitePeopleDto {
  @RoleKey({ description: "A built-in role's key or a custom role's id", example: 'deployment-staff' })
  role: string;
  @Choice({ description: '`7d` unless given', of: STAFF_WINDOWS, optional: true })
  expiresIn?: (typeof STAFF_WINDOWS)[number];
}

/** At the platform other roles can be given than anywhere else. */
export class InvitePlatformStaffDto extends InviteStaffDto {
  @RoleKey({ description: 'super-admin, support or account-manager', example: 'support' })
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
    private readonly access: Access,
    private readonly roles: Roles,
    private readonly inviting: Inviting,
    private readonly staffInvitation: StaffInvitation,
  ) {}

  async execute({ actor, scope: ref, dto }: InviteStaff): Promise<InvitationAnswer> {
    const call = { actor, emails: dto.emails, ...termsOf(this.staffInvitation, dto) };
    return this.inviting.invite(this.staffInvitation, call, async (reads) => {
      const admission = await this.access.toWrite(actor, 'staff.manage', ref, reads);
      const role = await this.roles.mustBeGrantable(dto.role, admission);
      if (dto.emails.length > MAX_RECIPIENTS) throw new RuleBroken('too-many-recipients');
      return { scope: admission.scope, grant: { role: role.id }, identifies: admission.authority.can('staff.view') };
    });
  }
}
