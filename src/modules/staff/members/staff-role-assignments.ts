import { LRUCache } from 'lru-cache';
import { Injectable } from '@nestjs/common';
import { Roles } from '../../access/access.contract.js';
import { type RoleAssignment, RoleAssignments, type ScopeRef } from '../../access/access.domain.contract.js';
import { type InvitationTables, membershipStream } from '../../invitations/invitations.contract.js';
import { Clock } from '../../../shared/time/clock.js';
import { Database } from '../../../shared/database/database.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import type { StaffTables } from './staff-list.projection.js';
import { staffMemberFrom } from './staff-member.js';

const MAX_CACHED_NAMES = 1000;

/** Roles, read from membership streams. They decide every permission. */
@Injectable()
export class StaffRoles extends RoleAssignments {
  /** A cache of stream names, by scope and person, because deriving a name costs as much as reading its stream. */
  private readonly names = new LRUCache<string, string>({ max: MAX_CACHED_NAMES });

  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
    private readonly roles: Roles,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async in(
    personId: string,
    scopes: readonly ScopeRef[],
    reads: StreamSource = this.store,
  ): Promise<RoleAssignment[]> {
    const streams = scopes.map((scope) => ({ scope, stream: this.streamOf(scope, personId) }));
    const histories = await reads.readMany(streams.map(({ stream }) => stream));
    const held = await Promise.all(
      streams.map(async ({ scope, stream }) => {
        const history = histories.get(stream) ?? [];
        const member = staffMemberFrom(history);
        if (member.status !== 'active') return [];
        const role = await this.roles.find(
          { role: member.role, organisationId: history[0]?.metadata.organisationId ?? null },
          reads,
        );
        return role ? [{ scope, role }] : [];
      }),
    );
    return held.flat();
  }

  override async within(personId: string, organisationId: string, reads?: StreamSource): Promise<RoleAssignment[]> {
    const rows = await this.own(personId)
      .select(['scope_kind', 'scope_id'])
      .where('organisation_id', '=', organisationId)
      .execute();
    // The read model only lists candidates, because it may still have a person who was removed a moment ago.
    return this.in(
      personId,
      rows.map((row) => ({ kind: row.scope_kind, id: row.scope_id })),
      reads,
    );
  }

  override async anyWithin(personId: string, organisationId: string, reads?: StreamSource): Promise<boolean> {
    return (await this.within(personId, organisationId, reads)).length > 0;
  }

  override async inUse(roleIds: readonly string[], organisationId: string): Promise<boolean> {
    const db = this.database.kysely<StaffTables & InvitationTables>();
    const held = db
      .selectFrom('staff_member')
      .select('id')
      .where('organisation_id', '=', organisationId)
      .where('active', '=', true)
      .where('role', 'in', roleIds);
    const offered = db
      .selectFrom('invitation')
      .select('id')
      .where('organisation_id', '=', organisationId)
      .where('state', '=', 'pending')
      .where('expires_at', '>', this.clock.now().toISOString())
      .where('role', 'in', roleIds);
    return (
      (await held.limit(1).executeTakeFirst()) !== undefined ||
      (await offered.limit(1).executeTakeFirst()) !== undefined
    );
  }

  override async scopesOf(personId: string): Promise<ScopeRef[]> {
    const rows = await this.own(personId).select(['scope_kind', 'scope_id']).execute();
    return rows.map((row) => ({ kind: row.scope_kind, id: row.scope_id }));
  }

  override async organisationsOf(personId: string): Promise<string[]> {
    const rows = await this.own(personId).select('organisation_id').distinct().execute();
    return rows.flatMap(({ organisation_id: id }) => (id === null ? [] : [id]));
  }

  override async deploymentsOf(personId: string, organisationId: string): Promise<string[]> {
    const rows = await this.own(personId)
      .select('scope_id')
      .where('organisation_id', '=', organisationId)
      .where('scope_kind', '=', 'deployment')
      .execute();
    return rows.map(({ scope_id: id }) => id);
  }

  private streamOf(scope: ScopeRef, personId: string): string {
    const key = scope.id + personId;
    const known = this.names.get(key);
    if (known !== undefined) return known;
    const stream = membershipStream('staff', scope, personId);
    this.names.set(key, stream);
    return stream;
  }

  private own(personId: string) {
    return this.database
      .kysely<StaffTables>()
      .selectFrom('staff_member')
      .where('person_id', '=', personId)
      .where('active', '=', true);
  }
}
