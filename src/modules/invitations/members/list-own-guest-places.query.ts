import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { Scopes } from '../../access/access.contract.js';
import { Database } from '../../../shared/database/database.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import type { GuestPlaceView } from './guest-place.dto.js';
import type { MembershipRow } from './membership-row.js';

/** The scopes in which a person is a guest, by every type of invitation, oldest place first. */
export class ListOwnGuestPlaces extends Query<GuestPlaceView[]> {
  constructor(readonly actor: string) {
    super();
  }
}

@QueryHandler(ListOwnGuestPlaces)
export class ListOwnGuestPlacesHandler implements IQueryHandler<ListOwnGuestPlaces> {
  constructor(
    private readonly policies: InvitationPolicies,
    private readonly database: Database,
    private readonly scopes: Scopes,
  ) {}

  async execute({ actor }: ListOwnGuestPlaces): Promise<GuestPlaceView[]> {
    const guests = this.policies.all.filter(({ type }) => type.members.guestPermissions);
    const places = await Promise.all(
      guests.map(async ({ kind, type }) => {
        const table = sql.table(type.members.projection.tables[0] ?? '');
        const { rows } = await sql<MembershipRow>`select * from ${table} where person_id = ${actor} and active`.execute(
          this.database.kysely(),
        );
        return rows.map((row) => ({ kind, row }));
      }),
    );
    const all = places.flat().sort((a, b) => Number(new Date(a.row.since)) - Number(new Date(b.row.since)));
    const scopes = await this.scopes.loadAll(all.map(({ row }) => ({ kind: row.scope_kind, id: row.scope_id })));
    return all.flatMap(({ kind, row }) => {
      const scope = scopes.get(row.scope_id);
      return scope
        ? [
            {
              id: row.id,
              kind,
              scope: { kind: scope.kind, id: scope.id, name: scope.name },
              organisation: scope.organisation,
              since: new Date(row.since).toISOString(),
            },
          ]
        : [];
    });
  }
}
