import type { Engine } from '../../../support/engines.js';
import { acceptanceRules } from './acceptance.rules.js';
import { callRules } from './call.rules.js';
import { changeRules } from './change.rules.js';
import { InvitationScenarios } from './invitation-scenarios.js';
import type { InvitationType, Rules } from './invitation-type.js';
import { issueRules } from './issue.rules.js';
import { lifeRules } from './life.rules.js';
import { linkRules } from './link.rules.js';
import { mailRules } from './mail.rules.js';
import { rulesFor } from './table.js';

/** Defines the tests of each rule of the table for one invitation type, over HTTP, on one server. */
export function describeInvitationRules(invitationType: InvitationType, engine: Engine): void {
  const rules: Rules = {
    ...issueRules(invitationType),
    ...callRules,
    ...lifeRules,
    ...changeRules,
    ...acceptanceRules,
    ...linkRules,
    ...mailRules,
  };
  let scenarios: InvitationScenarios;
  beforeAll(async () => {
    scenarios = await InvitationScenarios.start(invitationType, engine);
  });
  afterAll(async () => {
    await scenarios.close();
  });

  it('each have a test', () => {
    const tested = Object.entries(rules).filter(([, tests]) => Object.keys(tests).length > 0);
    expect(tested.map(([rule]) => rule).sort()).toEqual(rulesFor(invitationType.expiryRule).sort());
  });

  // The tests follow the order of the table, not of the files.
  for (const rule of rulesFor(invitationType.expiryRule)) {
    describe(rule, () => {
      for (const [sentence, test] of Object.entries(rules[rule] ?? {})) it(sentence, async () => test(scenarios));
    });
  }
}
