import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Departures, OwnerGuard, OwnerReaction } from '../access/access.contract.js';
import { HeldRoles } from '../access/access.domain.contract.js';
import { InvitationContexts } from '../invitations/invitations.contract.js';
import { Database } from '../../shared/database/database.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { ReactionRunner } from '../../shared/process-managers/reaction-runner.js';
import { ChangeRoleHandler } from './change-role.command.js';
import { ChooseGrantNoticesHandler } from './choose-grant-notices.command.js';
import { EndMembershipHandler } from './end-membership.command.js';
import { GetGrantNoticesHandler } from './get-grant-notices.query.js';
import { GetStaffMemberHandler } from './get-staff-member.query.js';
import { GrantNoticeMails, grantNoticeReaction } from './grant-notice-mails.js';
import { GrantNoticesController } from './grant-notices.controller.js';
import { InviteStaffHandler } from './invite-staff.command.js';
import { ListOwnMembershipsHandler } from './list-own-memberships.query.js';
import { ListStaffHandler } from './list-staff.query.js';
import { ListStaffInvitationsHandler } from './list-staff-invitations.query.js';
import { PlatformStaffController } from './platform-staff.controller.js';
import { ReviewStaffContactsHandler } from './review-staff-contacts.query.js';
import { StaffController } from './staff.controller.js';
import { StaffInvitation } from './staff-invitation.js';
import { StaffInvitationsController } from './staff-invitations.controller.js';
import { staffListProjection } from './staff-list.projection.js';
import { staffPlaces } from './staff-places.js';
import { STAFF_MEMBERS, StaffRoles } from './staff-roles.js';
import { StaffViews } from './staff-views.js';

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
