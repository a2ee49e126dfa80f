/** What other modules may use of reverts, for pages. */
export { FindRevertible } from './find-revertible.query.js';
export { REVERTIBLE_KINDS } from './opposites.js';
export { RevertDto } from './revert.dto.js';
export { RevertEntry } from './revert-entry.command.js';
