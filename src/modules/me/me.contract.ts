/** What pages ask: who is signed in. */
export { GetMe } from './get-me.query.js';
