import { type DefinitionVersion, holdsAt } from '../reading/past-facts.js';
import { RoleMeanings } from './role-meanings.js';

/** What the roles of one organisation and the built-in ones meant, at any number. */
export class RoleHistory {
  private readonly meaningsAt = new Map<number, RoleMeanings>();

  /** @param versions every version of these roles */
  constructor(readonly versions: readonly DefinitionVersion[]) {}

  meanings(number: number): RoleMeanings {
    // Only an event that defines something changes what roles mean.
    const since = this.versions.findLast(({ from_number: from }) => from <= number)?.from_number ?? -1;
    let meanings = this.meaningsAt.get(since);
    if (!meanings) {
      meanings = new RoleMeanings(this.versions.filter((version) => holdsAt(version, number)));
      this.meaningsAt.set(since, meanings);
    }
    return meanings;
  }

  /** The version of a role at a number; undefined: there was none. */
  versionOf(id: string, number: number): DefinitionVersion | undefined {
    return this.versions.find((version) => version.key === id && holdsAt(version, number));
  }

  /**
   * The versions that say what a role meant: those of deleted ones whose successor counts, and the last one. A circle
   * ends where it closes.
   */
  versionsBehind(id: string, number: number): DefinitionVersion[] {
    const behind: DefinitionVersion[] = [];
    for (let next: string | null = id; next !== null;) {
      const version = this.versionOf(next, number);
      if (!version || behind.includes(version)) break;
      behind.push(version);
      next = version.deleted ? version.moved_to : null;
    }
    return behind;
  }
}
