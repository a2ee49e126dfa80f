/** What pages ask of this module: who is signed in. */
export { GetMe } from './get-me.query.js';
