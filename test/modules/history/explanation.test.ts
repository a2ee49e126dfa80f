import { describeOnEngines } from '../../support/engines.js';
import { explainsEverything } from './explanation-of-everything.js';

const EXPLANATIONS = Number(process.env.EXPLANATIONS ?? 200);

describeOnEngines('an explanation', (engine) => {
  explainsEverything(engine, 'a sound history', { events: 4000, organisations: 8, explanations: EXPLANATIONS });
});
