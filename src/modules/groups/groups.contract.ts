/** What other modules may use of groups. */
export { ListFileVersions } from './contents/list-file-versions.query.js';
export { AddGroupFile } from './files/add-group-file.command.js';
export { ChangeFileException } from './files/change-file-exception.command.js';
export { ChangeGroupFile } from './files/change-group-file.command.js';
export { GetGroupFile } from './files/get-group-file.query.js';
export { AddGroupFileDto, EditGroupFileDto, type FileAccessView, type GroupFileView } from './files/group-file.dto.js';
export { ListFileAccess } from './files/list-file-access.query.js';
export { ListGroupFiles } from './files/list-group-files.query.js';
export { ChangeGroup } from './group/change-group.command.js';
export { CreateGroup } from './group/create-group.command.js';
export { GetGroup } from './group/get-group.query.js';
export { CreateGroupDto, EditGroupDto, GroupListDto } from './group/group.dto.js';
export { ListGroups } from './group/list-groups.query.js';
export { ListGroupsWithoutAdministrator } from './group/list-groups-without-administrator.query.js';
export {
  ChangedSetDto,
  GROUP_WINDOWS,
  InviteGroupMembersDto,
  NetworkDto,
  type NetworkPerson,
} from './invitations/group-invitation.dto.js';
export { ListGroupNetwork } from './invitations/list-group-network.query.js';
export { ChangePermissions } from './members/change-permissions.command.js';
export { GetGroupMember } from './members/get-group-member.query.js';
export { ChangePermissionsDto, type GroupMemberView } from './members/group-member.dto.js';
export { ChooseNotices } from './notices/choose-notices.command.js';
export { GetNotices } from './notices/get-notices.query.js';
export { GroupMembershipView } from './members/group-member.dto.js';
export { keyOf, PERMISSION_SETS, type PermissionSetKey } from './members/permission-set.js';
export { administersAccount, GroupAccess, type GroupAuthorization } from './group-access.js';
export { ListOwnGroups } from './group/list-own-groups.query.js';
