import { describeOnEveryEngine } from '../../support/engines.js';
import { knownAnswers } from './known-answers.js';

describeOnEveryEngine(
  'a random history',
  (engine) => {
    knownAnswers(engine, 'the history', { events: 5000, organisations: 20 });
  },
  { alsoOnEventStoreDb: true },
);
