/** What other modules may use of roles, for pages: the roles of a place, and the calls that change them. */
export { DefineRole } from './define-role.command.js';
export { DeleteRole } from './delete-role.command.js';
export { EditRole } from './edit-role.command.js';
export { ListRoles } from './list-roles.query.js';
export { DefineRoleDto, DeleteRoleDto, type RoleView } from './role.dto.js';
