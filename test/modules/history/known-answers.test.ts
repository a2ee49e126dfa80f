import { describeOnEngines } from '../../support/engines.js';
import { knownAnswers } from './known-answers.js';

describeOnEngines(
  'a random history',
  (engine) => {
    knownAnswers(engine, 'the history', { events: 5000, organisations: 20 });
  },
  { alsoOnEventStoreDb: true },
);
