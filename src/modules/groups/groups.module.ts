import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Departures, OwnerGuard, OwnerReaction, Scopes } from '../access/access.contract.js';
import { GroupPlaces } from '../access/access.domain.contract.js';
import { InvitationContexts } from '../invitations/invitations.contract.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { ReactionRunner } from '../../shared/process-managers/reaction-runner.js';
import { AskAccessHandler } from './ask-access.query.js';
import {
  AddGroupFileHandler,
  ChangeFileExceptionHandler,
  ChangeGroupFileHandler,
} from './change-group-file.command.js';
import { ChangeGroupHandler } from './change-group.command.js';
import { ChangePermissionsHandler } from './change-permissions.command.js';
import { ChooseNoticesHandler } from './choose-notices.command.js';
import { CreateGroupHandler } from './create-group.command.js';
import { EndGroupMembershipHandler } from './end-group-membership.command.js';
import { GetGroupHandler } from './get-group.query.js';
import { GetNoticesHandler } from './get-notices.query.js';
import { GroupAcceptanceMails, groupAcceptanceReaction } from './group-acceptance-notices.js';
import { GroupAccess } from './group-access.js';
import { groupFileListProjection } from './group-file-list.projection.js';
import { GroupFiles } from './group-files.js';
import { GroupFilesController } from './group-files.controller.js';
import { GroupInvitation } from './group-invitation.js';
import { GroupInvitationsController } from './group-invitations.controller.js';
import { GroupLeaving } from './group-leaving.js';
import { groupListProjection } from './group-list.projection.js';
import { GROUP_MEMBERS } from './group-member.js';
import { groupMemberListProjection } from './group-member-list.projection.js';
import { GroupMemberViews } from './group-member-views.js';
import { GroupMembersController } from './group-members.controller.js';
import { GroupNetwork } from './group-network.js';
import { GroupPeople } from './group-people.js';
import { GroupScopes } from './group-scopes.js';
import { GroupViews } from './group-views.js';
import { GroupsController } from './groups.controller.js';
import { InviteGroupMembersHandler } from './invite-group-members.command.js';
import { GetGroupFileHandler, ListFileAccessHandler, ListGroupFilesHandler } from './list-group-files.query.js';
import { ListGroupInvitationsHandler } from './list-group-invitations.query.js';
import { ListGroupMembersHandler } from './list-group-members.query.js';
import { ListGroupNetworkHandler } from './list-group-network.query.js';
import { ListGroupsHandler } from './list-groups.query.js';
import { ListOwnGroupsHandler } from './list-own-groups.query.js';
import { MembersOfGroups } from './members-of-groups.js';
import { OwnAccessController } from './own-access.controller.js';
import { ReviewGroupContactsHandler } from './review-group-contacts.query.js';

/** Global for `GroupPlaces` alone: what the gate asks about groups. */
@Global()
@Module({
  controllers: [
    GroupsController,
    GroupMembersController,
    GroupInvitationsController,
    GroupFilesController,
    OwnAccessController,
  ],
  providers: [
    { provide: GroupPlaces, useClass: MembersOfGroups },
    GroupScopes,
    GroupAccess,
    GroupViews,
    CreateGroupHandler,
    ChangeGroupHandler,
    GetGroupHandler,
    ListGroupsHandler,
    GroupMemberViews,
    ListGroupMembersHandler,
    ListOwnGroupsHandler,
    ChangePermissionsHandler,
    EndGroupMembershipHandler,
    GroupInvitation,
    GroupLeaving,
    GroupNetwork,
    GroupPeople,
    InviteGroupMembersHandler,
    ReviewGroupContactsHandler,
    ListGroupInvitationsHandler,
    ListGroupNetworkHandler,
    GroupFiles,
    AddGroupFileHandler,
    ChangeGroupFileHandler,
    ChangeFileExceptionHandler,
    ListGroupFilesHandler,
    GetGroupFileHandler,
    ListFileAccessHandler,
    AskAccessHandler,
    GroupAcceptanceMails,
    GetNoticesHandler,
    ChooseNoticesHandler,
  ],
  exports: [GroupPlaces],
})
export class GroupsModule implements OnModuleInit {
  constructor(
    private readonly scopes: Scopes,
    private readonly groups: GroupScopes,
    private readonly contexts: InvitationContexts,
    private readonly projections: ProjectionRunner,
    private readonly reactions: ReactionRunner,
    private readonly dispatcher: MailDispatcher,
    private readonly groupInvitation: GroupInvitation,
    private readonly acceptanceMails: GroupAcceptanceMails,
    private readonly store: EventStore,
    private readonly ownerGuard: OwnerGuard,
    private readonly departures: Departures,
    private readonly leaving: GroupLeaving,
  ) {}

  onModuleInit(): void {
    this.scopes.register('group', async (id, reads) => this.groups.load(id, reads));
    this.contexts.register(this.groupInvitation);
    this.departures.register(this.leaving.places);
    this.departures.afterLastRole(async (departure) => this.leaving.follow(departure), this.leaving.needs);
    this.projections.register(groupListProjection);
    this.projections.register(groupMemberListProjection);
    this.projections.register(groupFileListProjection);
    this.projections.register(groupAcceptanceReaction(this.store));
    this.reactions.register(
      new OwnerReaction(
        'group-administrators',
        GROUP_MEMBERS,
        ['InvitationAccepted', 'GroupFounderJoined', 'GroupPermissionsChanged'],
        this.store,
        this.ownerGuard,
      ),
    );
    this.dispatcher.register(this.acceptanceMails);
  }
}
