import { describeOnEveryEngine } from '../../support/engines.js';
import { knownAnswers } from './known-answers.js';

describeOnEveryEngine(
  'a random history',
  (engine) => {
    const { HISTORY_EVENTS = 5000, HISTORY_ORGANISATIONS = 20 } = process.env;
    knownAnswers(engine, 'the history', {
      events: Number(HISTORY_EVENTS),
      organisations: Number(HISTORY_ORGANISATIONS),
    });
  },
  { alsoOnEventStoreDb: true },
);
