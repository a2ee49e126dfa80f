/** What other modules may use of this one: the signed-in person, for pages. */
export { CloseAccount } from './close/close-account.command.js';
export { CloseAccountDto } from './close/close-account.dto.js';
export { type ClosingObstacle, ListClosingObstacles } from './close/list-closing-obstacles.query.js';
export { GetMe } from './get-me.query.js';
