/** What other modules may use of groups: a person's groups, and the notices about them. */
export { ChooseNotices } from './notices/choose-notices.command.js';
export { GetNotices } from './notices/get-notices.query.js';
export { GroupMembershipView } from './members/group-member.dto.js';
export { PERMISSION_SETS } from './members/permission-set.js';
export { GroupAccess } from './group-access.js';
export { ListOwnGroups } from './group/list-own-groups.query.js';
