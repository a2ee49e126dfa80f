import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Departures, OwnerGuard, OwnerReaction } from '../access/access.contract.js';
import { HeldRoles } from '../access/access.domain.contract.js';
import { InvitationContexts } from '../invitations/invitations.contract.js';
import { Database } from '../../shared/database/database.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { ReactionRunner } from '../../shared/process-managers/process-manager-runner.js';
import { ChangeRoleHandler } from './members/change-role.command.js';
import { ChooseGrantNoticesHandler } from './grant-notices/choose-grant-notices.command.js';
import { EndMembershipHandler } from './members/end-membership.command.js';
import { GetGrantNoticesHandler } from './grant-notices/get-grant-notices.query.js';
import { GetStaffMemberHandler } from './members/get-staff-member.query.js';
import { GrantNoticeMails, grantNoticeReaction } from './grant-notices/grant-notice-mails.js';
import { GrantNoticesController } from './grant-notices/grant-notices.controller.js';
import { InviteStaffHandler } from './invitations/invite-staff.command.js';
import { ListOwnMembershipsHandler } from './members/list-own-memberships.query.js';
import { ListStaffHandler } from './members/list-staff.query.js';
import { ListStaffInvitationsHandler } from './invitations/list-staff-invitations.query.js';
import { PlatformStaffController } from './members/platform-staff.controller.js';
import { ReviewStaffContactsHandler } from './invitations/preview-staff-import.query.js';
import { StaffController } from './members/staff.controller.js';
import { StaffInvitation } from './invitations/staff-invitation.policy.js';
import { StaffInvitationsController } from './invitations/staff-invitations.controller.js';
import { staffListProjection } from './members/staff-list.projection.js';
import { staffPlaces } from './members/staff-places.js';
import { STAFF_MEMBERS, StaffRoles } from './members/staff-role-assignments.js';
import { StaffViews } from './members/staff-views.js';

/** Global for `HeldRoles` alone: what everybody's permissions are decided on. */
@Global()
@Module({
  controllers: [StaffController, StaffInvitationsController, PlatformStaffController, GrantNoticesController],
  providers: [
    { provide: HeldRoles, useClass: StaffRoles },
    StaffInvitation,
    StaffViews,
    InviteStaffHandler,
    ReviewStaffContactsHandler,
    ListStaffInvitationsHandler,
    ListStaffHandler,
    GetStaffMemberHandler,
    ChangeRoleHandler,
    EndMembershipHandler,
    ListOwnMembershipsHandler,
    GetGrantNoticesHandler,
    ChooseGrantNoticesHandler,
    GrantNoticeMails,
  ],
  exports: [HeldRoles],
})
export class StaffModule implements OnModuleInit {
  constructor(
    private readonly contexts: InvitationContexts,
    private readonly projections: ProjectionRunner,
    private readonly reactions: ReactionRunner,
    private readonly staffInvitation: StaffInvitation,
    private readonly store: EventStore,
    private readonly ownerGuard: OwnerGuard,
    private readonly departures: Departures,
    private readonly database: Database,
    private readonly dispatcher: MailDispatcher,
    private readonly grantNoticeMails: GrantNoticeMails,
  ) {}

  onModuleInit(): void {
    this.contexts.register(this.staffInvitation);
    this.departures.register(staffPlaces(this.database));
    this.projections.register(staffListProjection);
    this.projections.register(grantNoticeReaction(this.store));
    this.dispatcher.register(this.grantNoticeMails);
    this.reactions.register(
      new OwnerReaction(
        'staff-owners',
        STAFF_MEMBERS,
        ['InvitationAccepted', 'StaffRoleChanged'],
        this.store,
        this.ownerGuard,
      ),
    );
  }
}
