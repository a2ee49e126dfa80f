import { domainTable } from '../../../support/domain-document.js';
import { cellsOf } from '../../../support/tables.js';

/** Behaviour by rule, in the order of docs/domain.md: the first column names what is tested. */
export const RULES: ReadonlyMap<string, string> = new Map(
  cellsOf(domainTable('6.2')).map(([rule, behaviour]) => [rule!, behaviour!]),
);

/** The words in backticks, in their order. */
export function wordsOf(rule: string): string[] {
  return [...RULES.get(rule)!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
}

/** The rules of one invitation type: of the rules for expiry windows only its own. */
export function rulesFor(expiryRule: string): string[] {
  return [...RULES.keys()].filter((rule) => !rule.startsWith('expiry,') || rule === expiryRule);
}
