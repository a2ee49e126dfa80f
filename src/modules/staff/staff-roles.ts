import { Injectable } from '@nestjs/common';
import { builtInRole } from '../../shared/access/built-in-roles.js';
import { HeldRoles, type HeldRole } from '../../shared/access/held-roles.js';
import type { ScopeRef } from '../../shared/access/scope-ref.js';
import { Database } from '../../shared/database/database.js';
import { EventStore, type StoredEvent } from '../../shared/event-store/event-store.js';
import { membershipStream } from '../../shared/invitations/membership-stream.js';
import type { StaffTables } from './staff-list.projection.js';
import { isStaffEvent } from './staff-member.events.js';
import { evolveStaffMember, UNKNOWN_MEMBER, type StaffMember } from './staff-member.js';

/** The member that a membership stream shows. */
export function staffMemberFrom(history: readonly StoredEvent[]): StaffMember {
  return history.filter(isStaffEvent).reduce(evolveStaffMember, UNKNOWN_MEMBER);
}

/** Roles as membership streams have them: what every permission is decided on. */
@Injectable()
export class StaffRoles extends HeldRoles {
  constructor(
    private readonly store: EventStore,
    private readonly database: Database,
  ) {
    super();
  }

  override async in(personId: string, scopes: readonly ScopeRef[]): Promise<HeldRole[]> {
    const streams = scopes.map((scope) => ({ scope, stream: membershipStream('staff', scope, personId) }));
    const histories = await this.store.readMany(streams.map(({ stream }) => stream));
    return streams.flatMap(({ scope, stream }) => {
      const member = staffMemberFrom(histories.get(stream) ?? []);
      const role = member.status === 'active' ? builtInRole(member.role) : undefined;
      return role ? [{ scope, role }] : [];
    });
  }

  override async anyWithin(personId: string, organisationId: string): Promise<boolean> {
    const rows = await this.own(personId).select(['scope_kind', 'scope_id']).where('organisation_id', '=', organisationId).execute();
    // The list only says where to look: somebody removed a moment ago is still in it.
    return (await this.in(personId, rows.map((row) => ({ kind: row.scope_kind, id: row.scope_id })))).length > 0;
  }

  override async organisationsOf(personId: string): Promise<string[]> {
    const rows = await this.own(personId).select('organisation_id').distinct().execute();
    return rows.flatMap(({ organisation_id: id }) => (id === null ? [] : [id]));
  }

  override async deploymentsOf(personId: string, organisationId: string): Promise<string[]> {
    const rows = await this.own(personId).select('scope_id').where('organisation_id', '=', organisationId).where('scope_kind', '=', 'deployment').execute();
    return rows.map(({ scope_id: id }) => id);
  }

  private own(personId: string) {
    return this.database.kysely<StaffTables>().selectFrom('staff_member').where('person_id', '=', personId).where('active', '=', true);
  }
}
