import { domainTable } from '../../../support/domain-document.js';
import { cellsOf } from '../../../support/tables.js';

/** The behaviour of each rule, by the rule's name, in the order of docs/domain.md §6.2. */
export const RULES: ReadonlyMap<string, string> = new Map(
  cellsOf(domainTable('6.2')).map(([rule, behaviour]) => [rule!, behaviour!]),
);

/** The words in backticks in a rule's behaviour, in their order. */
export function wordsOf(rule: string): string[] {
  return [...RULES.get(rule)!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
}

/** The names of an invitation type's rules. Each type has one rule of expiry windows. */
export function rulesFor(expiryRule: string): string[] {
  return [...RULES.keys()].filter((rule) => !rule.startsWith('expiry,') || rule === expiryRule);
}
