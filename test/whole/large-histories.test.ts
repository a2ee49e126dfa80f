import { knownAnswers } from '../modules/history/known-answers.js';
import { describeOnOneEngine, describeOnPglite } from '../support/engines.js';

const LARGE = { events: 100_000, organisations: 200 };
/** How many histories are asked in the server's database, and how many in an embedded one. */
const [ON_SERVER, EMBEDDED] = [Number(process.env.HISTORIES ?? 3), Number(process.env.HISTORIES_EMBEDDED ?? 1)];

describeOnOneEngine('large histories', (engine) => {
  for (let n = 1; n <= ON_SERVER; n += 1) knownAnswers(engine, `large history ${String(n)}`, LARGE);
});

describeOnPglite('large histories', (engine) => {
  for (let n = 1; n <= EMBEDDED; n += 1) knownAnswers(engine, `large history ${String(n)}`, LARGE);
});
