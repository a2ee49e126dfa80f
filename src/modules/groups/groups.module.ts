import { type DynamicModule, Global, Module, type OnModuleInit } from '@nestjs/common';
import { Departures, Scopes } from '../access/access.contract.js';
import { GroupPlaces } from '../access/access.domain.contract.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { ContentsSweep } from './contents/contents-sweep.js';
import { FileLimits } from './contents/file-limits.js';
import { GetFileContentHandler } from './contents/get-file-content.query.js';
import { GroupContents } from './contents/group-contents.js';
import { GroupContentsController } from './contents/group-contents.controller.js';
import { ListFileVersionsHandler } from './contents/list-file-versions.query.js';
import { StoreFileContentHandler } from './contents/store-file-content.command.js';
import { UploadGroupFileHandler } from './contents/upload-group-file.command.js';
import { AskAccessHandler } from './files/ask-access.query.js';
import { AddGroupFileHandler } from './files/add-group-file.command.js';
import { ChangeFileExceptionHandler } from './files/change-file-exception.command.js';
import { ChangeGroupFileHandler } from './files/change-group-file.command.js';
import { ChangeGroupHandler } from './group/change-group.command.js';
import { ChangePermissionsHandler } from './members/change-permissions.command.js';
import { ChooseNoticesHandler } from './notices/choose-notices.command.js';
import { CreateGroupHandler } from './group/create-group.command.js';
import { GetGroupHandler } from './group/get-group.query.js';
import { GetGroupMemberHandler } from './members/get-group-member.query.js';
import { GetNoticesHandler } from './notices/get-notices.query.js';
import { GroupAcceptanceMails, groupAcceptanceProjection } from './notices/group-acceptance-notices.js';
import { GroupAccess } from './group-access.js';
import { groupFileListProjection } from './files/group-file-list.projection.js';
import { GroupFiles } from './files/group-files.js';
import { GroupFilesController } from './files/group-files.controller.js';
import { GroupNetworkController } from './invitations/group-network.controller.js';
import { GroupLeaving } from './members/group-leaving.js';
import { groupListProjection } from './group/group-list.projection.js';
import { GroupMemberViews } from './members/group-member-views.js';
import { GroupNetwork } from './invitations/group-network.js';
import { GroupPeople } from './members/group-people.js';
import { GroupScopes } from './group/group-scopes.js';
import { GroupViews } from './group/group-views.js';
import { GroupsController } from './group/groups.controller.js';
import { GetGroupFileHandler } from './files/get-group-file.query.js';
import { ListFileAccessHandler } from './files/list-file-access.query.js';
import { ListGroupFilesHandler } from './files/list-group-files.query.js';
import { ListGroupNetworkHandler } from './invitations/list-group-network.query.js';
import { ListGroupsWithoutAdministratorHandler } from './group/list-groups-without-administrator.query.js';
import { ListGroupsHandler } from './group/list-groups.query.js';
import { ListOwnGroupsHandler } from './group/list-own-groups.query.js';
import { MembersOfGroups } from './members/members-of-groups.js';
import { OwnAccessController } from './files/own-access.controller.js';

export interface GroupsOptions {
  fileLimits: FileLimits;
}

/** Global, because `Authorization` needs `GroupPlaces`, and the policy of group invitations needs the other exports. */
@Global()
@Module({
  controllers: [
    GroupsController,
    GroupNetworkController,
    GroupFilesController,
    GroupContentsController,
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
    ListGroupsWithoutAdministratorHandler,
    GroupMemberViews,
    ListOwnGroupsHandler,
    ChangePermissionsHandler,
    GetGroupMemberHandler,
    GroupLeaving,
    GroupNetwork,
    GroupPeople,
    ListGroupNetworkHandler,
    GroupFiles,
    AddGroupFileHandler,
    ChangeGroupFileHandler,
    ChangeFileExceptionHandler,
    ListGroupFilesHandler,
    GetGroupFileHandler,
    ListFileAccessHandler,
    AskAccessHandler,
    GroupContents,
    ContentsSweep,
    UploadGroupFileHandler,
    StoreFileContentHandler,
    GetFileContentHandler,
    ListFileVersionsHandler,
    GroupAcceptanceMails,
    GetNoticesHandler,
    ChooseNoticesHandler,
  ],
  exports: [GroupAccess, GroupMemberViews, GroupNetwork, GroupPeople, GroupPlaces],
})
export class GroupsModule implements OnModuleInit {
  static with({ fileLimits }: GroupsOptions): DynamicModule {
    return { module: GroupsModule, providers: [{ provide: FileLimits, useValue: fileLimits }] };
  }

  constructor(
    private readonly scopes: Scopes,
    private readonly groups: GroupScopes,
    private readonly projections: ProjectionRunner,
    private readonly dispatcher: MailDispatcher,
    private readonly acceptanceMails: GroupAcceptanceMails,
    private readonly store: EventStore,
    private readonly departures: Departures,
    private readonly leaving: GroupLeaving,
  ) {}

  onModuleInit(): void {
    this.scopes.register('group', async (id, reads) => this.groups.load(id, reads));
    this.departures.afterLastRole(async (departure) => this.leaving.follow(departure), this.leaving.needs);
    this.projections.register(groupListProjection);
    this.projections.register(groupFileListProjection);
    this.projections.register(groupAcceptanceProjection(this.store));
    this.dispatcher.register(this.acceptanceMails);
  }
}
