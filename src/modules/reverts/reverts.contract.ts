/** What other modules may use of reverts, for pages. */
export { FindRevertible, type Revertible } from './find-revertible.query.js';
export { RevertDto } from './revert.dto.js';
export { RevertEntry } from './revert-entry.command.js';
