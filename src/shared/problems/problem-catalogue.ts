import { mustBeDistinct } from '../registration/registration-failed.js';
import type { ProblemCode, Problems } from './problem-codes.js';

/** The codes of all lists that are registered, with the status and the title of each. */
export class ProblemCatalogue {
  private readonly problems: ReadonlyMap<string, Problems[string]>;

  /** @throws RegistrationFailed for a code that is in two lists */
  constructor(lists: readonly Problems[]) {
    const entries = lists.flatMap((list) => Object.entries(list));
    mustBeDistinct(
      'problem code',
      entries.map(([code]) => code),
    );
    this.problems = new Map(entries);
  }

  get codes(): string[] {
    return [...this.problems.keys()];
  }

  has(code: string): boolean {
    return this.problems.has(code);
  }

  statusOf(code: ProblemCode): number {
    return this.of(code)[0];
  }

  titleOf(code: ProblemCode): string {
    return this.of(code)[1];
  }

  private of(code: ProblemCode): Problems[string] {
    const problem = this.problems.get(code);
    if (!problem) throw new TypeError(`no problem code ${code}`);
    return problem;
  }
}
