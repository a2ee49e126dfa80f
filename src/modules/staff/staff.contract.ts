/** What other modules may ask of the staff: who somebody is and which roles they hold. */
export { GetMe } from './get-me.query.js';
