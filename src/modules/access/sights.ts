import { Injectable } from '@nestjs/common';
import { yieldToEventLoop } from '../../shared/resilience/event-loop.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { Pseudonyms } from '../people/people.contract.js';
import type { AuthorizationResult } from './authorization.js';
import { RoleAssignments, type RoleAssignment } from './roles/role-assignments.js';
import { withImplied, type Permission } from './permissions.js';
import { PLATFORM } from './scope-ref.js';
import { Scopes } from './scopes/scopes.js';

/** How a reader sees the people of one scope. */
export interface Sight {
  /** Whether the reader may see who these people are. */
  identifies: boolean;
  /** The key of the reader's pseudonyms and aliases. */
  view: string;
}

/** A search for things of one kind on behalf of a reader. */
interface Search<Thing> {
  /** The thing with this stored id; undefined when there is none. */
  load(storedId: string): Promise<Thing | undefined>;
  /** Those of the ids that are stored ids. May lag. */
  existing(ids: readonly string[]): Promise<string[]>;
  /** How the reader sees the thing; null if they may not see it. */
  see(thing: Thing): Promise<Sight | null>;
}

/** The permissions to identify people. */
const IDENTIFYING: readonly Permission[] = ['staff.view', 'patients.view-identifiers'];

/** Decides who may identify whom, and gives aliases to everybody else. Source: docs/domain.md §5.3, ADR 0029 */
@Injectable()
export class Sights {
  constructor(
    private readonly roleAssignments: RoleAssignments,
    private readonly scopes: Scopes,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  /** @param permission the permission to identify the people; for a reader who has it, no stream is read */
  async of(
    reader: string,
    permission: Permission,
    { scope, effectivePermissions, reads }: AuthorizationResult,
  ): Promise<Sight> {
    const identifies = effectivePermissions.can(permission);
    if (scope.organisation === null || identifiesAnybody(effectivePermissions.roles))
      return { identifies, view: scope.id };
    const below = await this.roleAssignments.within(reader, scope.organisation.id, reads);
    return { identifies, view: identifiesAnybody(below) ? scope.id : scope.organisation.id };
  }

  /**
   * The thing that an id names to a reader: a stored id where they may identify the person, else an alias in their
   * view. A stored id that the reader may not use causes the same search as an unknown one.
   * @throws RuleBroken `not-found`, or what `search` throws
   */
  async find<Thing>(reader: string, id: string, search: Search<Thing>): Promise<Thing> {
    const stored = await search.load(id);
    if (stored !== undefined && (await search.see(stored))?.identifies) return stored;
    const meanings = await this.meaningsOf(id, reader);
    const [meant] = meanings.size === 0 ? [] : await search.existing([...meanings.keys()]);
    const thing = meant === undefined ? undefined : await search.load(meant);
    const sight = thing === undefined ? null : await search.see(thing);
    if (thing === undefined || meant === undefined || !sight || sight.identifies || sight.view !== meanings.get(meant))
      throw new RuleBroken('not-found');
    return thing;
  }

  /** The stored ids that an alias may mean, each with its view. */
  private async meaningsOf(alias: string, reader: string): Promise<Map<string, string>> {
    const yieldIfDue = yieldToEventLoop();
    const meanings = new Map<string, string>();
    for (const view of await this.viewsOf(reader)) {
      await yieldIfDue();
      meanings.set(this.pseudonyms.storedId(view, alias), view);
    }
    return meanings;
  }

  /** Every view in which the reader may have received an alias. May lag. */
  private async viewsOf(reader: string): Promise<string[]> {
    const [organisations, onPlatform] = await Promise.all([
      this.roleAssignments.organisationsOf(reader),
      this.roleAssignments.in(reader, [PLATFORM]),
    ]);
    const views = await Promise.all(
      organisations.map(async (organisationId): Promise<string[]> => {
        const held = await this.roleAssignments.within(reader, organisationId);
        if (!identifiesAnybody([...held, ...onPlatform])) return [organisationId];
        const isHeldAbove = held.some(({ scope }) => scope.kind === 'organisation');
        return [
          organisationId,
          ...(isHeldAbove ? await this.scopes.below(organisationId) : held.map(({ scope }) => scope.id)),
        ];
      }),
    );
    return views.flat();
  }
}

function identifiesAnybody(held: readonly RoleAssignment[]): boolean {
  return held.some(({ role }) => IDENTIFYING.some((permission) => withImplied(role.permissions).has(permission)));
}
