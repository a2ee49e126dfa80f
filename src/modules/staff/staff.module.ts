import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Departures, OwnerGuard, OwnerProcessManager } from '../access/access.contract.js';
import { RoleAssignments } from '../access/access.domain.contract.js';
import { InvitationPolicies } from '../invitations/invitations.contract.js';
import { Database } from '../../shared/database/database.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { ProcessManagerRunner } from '../../shared/process-managers/process-manager-runner.js';
import { ChangeRoleHandler } from './members/change-role.command.js';
import { ChooseGrantNoticesHandler } from './grant-notices/choose-grant-notices.command.js';
import { EndMembershipHandler } from './members/end-membership.command.js';
import { GetGrantNoticesHandler } from './grant-notices/get-grant-notices.query.js';
import { GetStaffMemberHandler } from './members/get-staff-member.query.js';
import { GrantNoticeMails, grantNoticeProjection } from './grant-notices/grant-notice-mails.js';
import { GrantNoticesController } from './grant-notices/grant-notices.controller.js';
import { InviteStaffHandler } from './invitations/invite-staff.command.js';
import { ListOwnMembershipsHandler } from './members/list-own-memberships.query.js';
import { ListStaffHandler } from './members/list-staff.query.js';
import { ListStaffInvitationsHandler } from './invitations/list-staff-invitations.query.js';
import { PlatformStaffController } from './members/platform-staff.controller.js';
import { PreviewStaffImportHandler } from './invitations/preview-staff-import.query.js';
import { StaffController } from './members/staff.controller.js';
import { StaffInvitationPolicy } from './invitations/staff-invitation.policy.js';
import { StaffInvitationsController } from './invitations/staff-invitations.controller.js';
import { staffListProjection } from './members/staff-list.projection.js';
import { staffPlaces } from './members/staff-places.js';
import { STAFF_MEMBERS, StaffRoles } from './members/staff-role-assignments.js';
import { StaffViews } from './members/staff-views.js';

/** Global for `RoleAssignments` alone, on which everybody's permissions are decided. */
@Global()
@Module({
  controllers: [StaffController, StaffInvitationsController, PlatformStaffController, GrantNoticesController],
  providers: [
    { provide: RoleAssignments, useClass: StaffRoles },
    StaffInvitationPolicy,
    StaffViews,
    InviteStaffHandler,
    PreviewStaffImportHandler,
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
  exports: [RoleAssignments],
})
export class StaffModule implements OnModuleInit {
  constructor(
    private readonly policies: InvitationPolicies,
    private readonly projections: ProjectionRunner,
    private readonly processManagers: ProcessManagerRunner,
    private readonly staffInvitationPolicy: StaffInvitationPolicy,
    private readonly store: EventStore,
    private readonly ownerGuard: OwnerGuard,
    private readonly departures: Departures,
    private readonly database: Database,
    private readonly dispatcher: MailDispatcher,
    private readonly grantNoticeMails: GrantNoticeMails,
  ) {}

  onModuleInit(): void {
    this.policies.register(this.staffInvitationPolicy);
    this.departures.register(staffPlaces(this.database));
    this.projections.register(staffListProjection);
    this.projections.register(grantNoticeProjection(this.store));
    this.dispatcher.register(this.grantNoticeMails);
    this.processManagers.register(
      new OwnerProcessManager(
        'staff-owners',
        STAFF_MEMBERS,
        ['InvitationAccepted', 'StaffRoleChanged'],
        this.store,
        this.ownerGuard,
      ),
    );
  }
}
