import { Inject, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { sql, type RawBuilder } from 'kysely';
import {
  Departures,
  Guests,
  Headcounts,
  OwnerGuard,
  OwnerProcessManager,
  placeStreams,
} from '../../access/access.contract.js';
import { Database } from '../../../shared/database/database.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { ProcessManagerRunner } from '../../../shared/process-managers/process-manager-runner.js';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import { membershipStream } from '../domain/membership-stream.js';
import { LinkTokens } from '../../../shared/http/links/link-token.js';
import { InvitationPolicies, InvitationPolicy } from '../policy/invitation-policy.js';
import { INVITATION_TYPE, type InvitationType } from './invitation-type.js';
import { invitationRoutes } from './invitation-routes.js';
import { memberRoutes } from './member-routes.js';

/** The module of one type of invitation: its routes, its policy, and its registrations. */
@Module({})
export class InvitationTypeModule implements OnModuleInit {
  static of(type: InvitationType): DynamicModule {
    return {
      module: InvitationTypeModule,
      controllers: [...invitationRoutes(type), ...memberRoutes(type)],
      providers: [
        { provide: INVITATION_TYPE, useValue: type },
        { provide: InvitationPolicy, useClass: type.policy },
      ],
    };
  }

  constructor(
    @Inject(INVITATION_TYPE) private readonly type: InvitationType,
    private readonly policy: InvitationPolicy,
    private readonly policies: InvitationPolicies,
    private readonly tokens: LinkTokens,
    private readonly projections: ProjectionRunner,
    private readonly processManagers: ProcessManagerRunner,
    private readonly departures: Departures,
    private readonly guests: Guests,
    private readonly headcounts: Headcounts,
    private readonly ownerGuard: OwnerGuard,
    private readonly store: EventStore,
    private readonly database: Database,
  ) {}

  onModuleInit(): void {
    const { kind, linkNumber, members } = this.type;
    const { projection, begins = [], ends, isRole, owners, guestPermissions, headcount, scopeColumn } = members;
    const begin = ['InvitationAccepted', ...begins];
    this.policies.register(this.policy);
    this.tokens.register(kind, linkNumber);
    this.projections.register(projection);
    this.departures.register({
      ends,
      isRole,
      projection: projection.name,
      streamsOf: placeStreams(this.database, projection.tables[0] ?? '', kind),
      personIn: (history) =>
        history.findLast(({ type }) => begin.includes(type))?.data['personId'] as string | undefined,
      isHeld: (history) => this.policy.isMember(history),
    });
    if (headcount)
      this.headcounts.register(headcount.counted, async (id) =>
        countRows(this.database, projection.tables[0] ?? '', scopeColumn, id, headcount.status),
      );
    if (guestPermissions)
      this.guests.register({
        permissions: guestPermissions,
        streamOf: (personId, scope) => membershipStream(kind, scope, personId),
        isHeld: (history) => this.policy.isMember(history),
        scopesOf: async (personId) => activeScopes(this.database, projection.tables[0] ?? '', scopeColumn, personId),
      });
    if (owners)
      this.processManagers.register(
        new OwnerProcessManager(
          owners.processManager,
          members,
          [...begin, ...owners.changes],
          this.store,
          this.ownerGuard,
        ),
      );
  }
}

/** The scopes of a person's rows in a read model of memberships. May lag. */
async function activeScopes(
  database: Database,
  table: string,
  scopeColumn: string,
  personId: string,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select ${sql.ref(scopeColumn)} as id from ${sql.table(table)}
    where person_id = ${personId} and active`.execute(database.kysely());
  return rows.map(({ id }) => id);
}

/** Counts the rows of a read model of memberships in one scope. May lag. */
async function countRows(
  database: Database,
  table: string,
  scopeColumn: string,
  scopeId: string,
  status: RawBuilder<boolean>,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from ${sql.table(table)}
    where ${sql.ref(scopeColumn)} = ${scopeId} and ${status}`.execute(database.kysely());
  return rows[0]?.count ?? 0;
}
