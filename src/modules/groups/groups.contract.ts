/** What other modules may ask of the groups: which ones somebody is in, and the notices that concern them. */
export { ChooseNotices } from './notices/choose-notices.command.js';
export { GetNotices } from './notices/get-notices.query.js';
export { GroupMembershipView } from './members/group-member.dto.js';
export { ListOwnGroups } from './group/list-own-groups.query.js';
