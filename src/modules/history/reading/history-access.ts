import { Injectable } from '@nestjs/common';
import { Authorization, type Scope, Scopes } from '../../access/access.contract.js';
import { allows, type RoleAssignment, RoleAssignments, type ScopeRef } from '../../access/access.domain.contract.js';
import { GroupAccess } from '../../groups/groups.contract.js';
import { Pseudonyms } from '../../people/people.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { EntryRow } from '../fold/history-entry.js';
import { CHANGES_ACCESS } from '../fold/kinds.js';
import { Viewpoint } from './viewpoint.js';

/** What a reader may follow of one scope. */
export interface OpenedHistory {
  scope: Scope;
  viewpoint: Viewpoint;
  /** The scopes whose people the reader may meet there. */
  scopeIds: readonly string[];
}

/** What a reader may follow of a grant's chain. */
export interface Reach {
  /** The place of the grant, or the organisation of its group. */
  scope: Scope;
  viewpoint: Viewpoint;
  /** Whether the timelines that the reader may read have an entry. */
  shows: (entry: Pick<EntryRow, 'organisation_id' | 'scope_id' | 'kind'>) => boolean;
}

/**
 * Decides who may follow what happened in a scope: holders of `audit.view` there or above, and the administrators of a
 * group. Source: docs/domain.md §16
 */
@Injectable()
export class HistoryAccess {
  constructor(
    private readonly authorization: Authorization,
    private readonly scopes: Scopes,
    private readonly roleAssignments: RoleAssignments,
    private readonly groups: GroupAccess,
    private readonly pseudonyms: Pseudonyms,
  ) {}

  /** @throws RuleBroken `not-found`, `forbidden` */
  async open(reader: string, ref: ScopeRef): Promise<OpenedHistory> {
    if (ref.kind === 'group') return this.openGroup(reader, ref);
    const { scope, effectivePermissions } = await this.authorization.requireRead(reader, 'audit.view', ref);
    const scopeIds =
      scope.kind === 'organisation'
        ? [scope.id, ...(await this.scopes.below(scope.id))]
        : scope.coveredBy.map(({ id }) => id);
    // Roles elsewhere in the organisation identify nobody here, but decide which aliases the reader knows.
    const within = scope.organisation ? await this.roleAssignments.within(reader, scope.organisation.id) : [];
    return { scope, viewpoint: this.seenBy(reader, [...effectivePermissions.roles, ...within]), scopeIds };
  }

  /** Administrators of the group also see its content. */
  private async openGroup(reader: string, ref: ScopeRef): Promise<OpenedHistory> {
    const [insight, scope] = [await this.groups.insightOf(reader, ref.id), await this.scopes.load(ref)];
    if (!scope) throw new RuleBroken('not-found');
    const organisation = await this.organisationOf(ref);
    const { effectivePermissions } = await this.authorization.evaluate(reader, organisation);
    const scopeIds = [scope.id, organisation.id];
    const held = [...effectivePermissions.roles, ...(await this.roleAssignments.within(reader, organisation.id))];
    if (insight === 'administrator') return { scope, viewpoint: this.seenBy(reader, held, scope.id), scopeIds };
    if (!effectivePermissions.can('audit.view')) throw new RuleBroken(insight === 'member' ? 'forbidden' : 'not-found');
    return { scope, viewpoint: this.seenBy(reader, held), scopeIds };
  }

  /**
   * How far a person may follow why somebody holds a grant of a place; null: not at all. Those who may read a
   * deployment also see what its organisation's staff hold there.
   */
  async reachFrom(reader: string, place: ScopeRef): Promise<Reach | null> {
    const at = place.kind === 'group' ? await this.organisationOf(place) : place;
    const { scope, effectivePermissions } = await this.authorization.evaluate(reader, at);
    const organisation = scope.organisation?.id ?? null;
    const within = organisation === null ? [] : await this.roleAssignments.within(reader, organisation);
    const held = [...effectivePermissions.roles, ...within];
    const isGroupsAdministrator =
      place.kind === 'group' && (await this.groups.insightOf(reader, place.id)) === 'administrator';
    const auditing = (roles: readonly RoleAssignment[]) =>
      roles
        .filter(({ role }) => allows(role.permissions, 'audit.view'))
        .map(({ scope: { kind, id } }) => ({ kind, id }));
    const above = auditing(effectivePermissions.roles);
    const below = place.kind === 'organisation' ? auditing(within) : [];
    const read = [...above, ...below, ...(isGroupsAdministrator ? [place] : [])];
    if (read.length === 0) return null;
    return {
      scope,
      viewpoint: new Viewpoint(this.pseudonyms, reader, held, isGroupsAdministrator ? place.id : null, organisation),
      shows: (entry) => read.some((one) => isInHistoryOf(one, organisation, entry)),
    };
  }

  /** How a person sees the people of a place, whatever they may read about it. @throws RuleBroken `not-found` */
  async viewpointAt(reader: string, place: ScopeRef): Promise<Viewpoint> {
    const isOfGroup = place.kind === 'group';
    const { scope, effectivePermissions } = await this.authorization.evaluate(
      reader,
      isOfGroup ? await this.organisationOf(place) : place,
    );
    const organisationId = scope.organisation?.id ?? null;
    const within = organisationId === null ? [] : await this.roleAssignments.within(reader, organisationId);
    const isInGroup = isOfGroup && (await this.groups.insightOf(reader, place.id)) !== 'none';
    const held = [...effectivePermissions.roles, ...within];
    return new Viewpoint(this.pseudonyms, reader, held, isInGroup ? place.id : null, organisationId);
  }

  /** The organisation of a group. @throws RuleBroken `not-found` */
  async organisationOf(group: ScopeRef): Promise<ScopeRef> {
    const organisation = (await this.scopes.load(group))?.organisation;
    if (!organisation) throw new RuleBroken('not-found');
    return { kind: 'organisation', id: organisation.id };
  }

  private seenBy(
    reader: string,
    held: ConstructorParameters<typeof Viewpoint>[2],
    group: string | null = null,
  ): Viewpoint {
    return new Viewpoint(this.pseudonyms, reader, held, group);
  }
}

/** Whether the timeline of a scope has an entry. `organisation` is the scope's own, or the one above it. */
function isInHistoryOf(
  { kind, id }: ScopeRef,
  organisation: string | null,
  entry: Pick<EntryRow, 'organisation_id' | 'scope_id' | 'kind'>,
): boolean {
  if (kind === 'platform') return true;
  if (kind === 'organisation') return entry.organisation_id === id;
  const changesAccessAbove = entry.scope_id === organisation && CHANGES_ACCESS.some((one) => one === entry.kind);
  return entry.scope_id === id || (kind === 'deployment' && changesAccessAbove);
}
