import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { RoleAssignments } from '../access/access.domain.contract.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { ChangeRoleHandler } from './members/change-role.command.js';
import { ChooseGrantNoticesHandler } from './grant-notices/choose-grant-notices.command.js';
import { GetGrantNoticesHandler } from './grant-notices/get-grant-notices.query.js';
import { GrantNoticeMails, grantNoticeProjection } from './grant-notices/grant-notice-mails.js';
import { GrantNoticesController } from './grant-notices/grant-notices.controller.js';
import { EndMemberSessionsHandler } from './help/end-member-sessions.command.js';
import { MemberHelp } from './help/member-help.js';
import { MemberHelpController } from './help/member-help.controller.js';
import { SendPasswordResetHandler } from './help/send-password-reset.command.js';
import { ListOwnMembershipsHandler } from './members/list-own-memberships.query.js';
import { StaffRoles } from './members/staff-role-assignments.js';
import { StaffViews } from './members/staff-views.js';

/** Global, because `Authorization` needs `RoleAssignments`, and the policy of staff invitations needs `StaffViews`. */
@Global()
@Module({
  controllers: [GrantNoticesController, MemberHelpController],
  providers: [
    { provide: RoleAssignments, useClass: StaffRoles },
    StaffViews,
    ChangeRoleHandler,
    ListOwnMembershipsHandler,
    GetGrantNoticesHandler,
    ChooseGrantNoticesHandler,
    GrantNoticeMails,
    MemberHelp,
    SendPasswordResetHandler,
    EndMemberSessionsHandler,
  ],
  exports: [RoleAssignments, StaffViews],
})
export class StaffModule implements OnModuleInit {
  constructor(
    private readonly projections: ProjectionRunner,
    private readonly store: EventStore,
    private readonly dispatcher: MailDispatcher,
    private readonly grantNoticeMails: GrantNoticeMails,
  ) {}

  onModuleInit(): void {
    this.projections.register(grantNoticeProjection(this.store));
    this.dispatcher.register(this.grantNoticeMails);
  }
}
