/** What other modules may ask of the groups: which ones somebody is in, and the notices that concern them. */
export { ChooseNotices } from './choose-notices.command.js';
export { GetNotices } from './get-notices.query.js';
export { GroupMembershipView } from './group-member.dto.js';
export { ListOwnGroups } from './list-own-groups.query.js';
