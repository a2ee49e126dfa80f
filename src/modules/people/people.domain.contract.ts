/** What other modules may use of people in their own deciders: plain TypeScript. */
export { personStream } from './person-stream.js';
