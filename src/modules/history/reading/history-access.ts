import { Injectable } from '@nestjs/common';
import { Authorization, type Scope, Scopes } from '../../access/access.contract.js';
import { RoleAssignments, type ScopeRef } from '../../access/access.domain.contract.js';
import { GroupAccess } from '../../groups/groups.contract.js';
import { Pseudonyms } from '../../people/people.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Viewpoint } from './viewpoint.js';

/** What a reader may follow of one scope. */
export interface OpenedHistory {
  scope: Scope;
  viewpoint: Viewpoint;
  /** The scopes whose people the reader may meet there. */
  scopeIds: readonly string[];
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
    if (scope.kind !== 'organisation') {
      const above = scope.coveredBy.map(({ id }) => id);
      return { scope, viewpoint: this.seenBy(reader, effectivePermissions.roles), scopeIds: above };
    }
    const below = await this.roleAssignments.within(reader, scope.id);
    const held = [...effectivePermissions.roles, ...below];
    return {
      scope,
      viewpoint: this.seenBy(reader, held),
      scopeIds: [scope.id, ...(await this.scopes.below(scope.id))],
    };
  }

  /** Administrators of the group also see its content. */
  private async openGroup(reader: string, ref: ScopeRef): Promise<OpenedHistory> {
    const [insight, scope] = [await this.groups.insightOf(reader, ref.id), await this.scopes.load(ref)];
    if (!scope) throw new RuleBroken('not-found');
    const organisation = await this.organisationOf(ref);
    const { effectivePermissions } = await this.authorization.evaluate(reader, organisation);
    const scopeIds = [scope.id, organisation.id];
    if (insight === 'administrator')
      return { scope, viewpoint: this.seenBy(reader, effectivePermissions.roles, scope.id), scopeIds };
    if (!effectivePermissions.can('audit.view')) throw new RuleBroken(insight === 'member' ? 'forbidden' : 'not-found');
    return { scope, viewpoint: this.seenBy(reader, effectivePermissions.roles), scopeIds };
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
