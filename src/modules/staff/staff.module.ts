import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { HeldRoles } from '../../shared/access/held-roles.js';
import { InvitationContexts } from '../../shared/invitations/invitation-context.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { ReactionRunner } from '../../shared/reactions/reaction-runner.js';
import { ChangeRoleHandler } from './change-role.command.js';
import { EndMembershipHandler } from './end-membership.command.js';
import { GetMeHandler } from './get-me.query.js';
import { GetStaffMemberHandler } from './get-staff-member.query.js';
import { InviteStaffHandler } from './invite-staff.command.js';
import { ListStaffHandler } from './list-staff.query.js';
import { ListStaffInvitationsHandler } from './list-staff-invitations.query.js';
import { OwnerReaction } from './owner-reaction.js';
import { PlatformStaffController } from './platform-staff.controller.js';
import { ReviewStaffContactsHandler } from './review-staff-contacts.query.js';
import { StaffChanges } from './staff-changes.js';
import { StaffController } from './staff.controller.js';
import { StaffInvitation } from './staff-invitation.js';
import { StaffInvitationsController } from './staff-invitations.controller.js';
import { staffListProjection } from './staff-list.projection.js';
import { StaffRoles } from './staff-roles.js';
import { StaffViews } from './staff-views.js';

/** Global for `HeldRoles` alone: what everybody's permissions are decided on. */
@Global()
@Module({
  controllers: [StaffController, StaffInvitationsController, PlatformStaffController],
  providers: [
    { provide: HeldRoles, useClass: StaffRoles },
    StaffInvitation,
    StaffChanges,
    StaffViews,
    OwnerReaction,
    InviteStaffHandler,
    ReviewStaffContactsHandler,
    ListStaffInvitationsHandler,
    ListStaffHandler,
    GetStaffMemberHandler,
    ChangeRoleHandler,
    EndMembershipHandler,
    GetMeHandler,
  ],
  exports: [HeldRoles],
})
export class StaffModule implements OnModuleInit {
  constructor(
    private readonly contexts: InvitationContexts,
    private readonly projections: ProjectionRunner,
    private readonly reactions: ReactionRunner,
    private readonly staffInvitation: StaffInvitation,
    private readonly ownerReaction: OwnerReaction,
  ) {}

  onModuleInit(): void {
    this.contexts.register(this.staffInvitation);
    this.projections.register(staffListProjection);
    this.reactions.register(this.ownerReaction);
  }
}
