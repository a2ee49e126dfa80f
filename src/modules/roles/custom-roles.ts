import { Injectable } from '@nestjs/common';
import { roleCatalogueFrom, Roles, roleStream } from '../access/access.contract.js';
import {
  type CustomRole,
  type CustomRoleEvent,
  type CustomRoleDomainEvent,
  evolveRoleCatalogue,
  RoleAssignments,
  idsStandingFor,
  mustExist,
  type RoleCatalogue,
  type ScopeRef,
} from '../access/access.domain.contract.js';
import { Database } from '../../shared/database/database.js';
import { CommandHandling } from '../../shared/event-sourcing/command-handling.js';
import type { ReadSet } from '../../shared/event-sourcing/append-condition.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { CustomRoleTables } from './custom-role-list.projection.js';

export interface LocatedRole {
  organisationId: string;
  role: CustomRole;
  catalogue: RoleCatalogue;
}

/** Finds and changes the custom roles of organisations. */
@Injectable()
export class CustomRoles {
  constructor(
    private readonly database: Database,
    private readonly projections: ProjectionRunner,
    private readonly roles: Roles,
    private readonly roleAssignments: RoleAssignments,
    private readonly commandHandling: CommandHandling,
  ) {}

  /**
   * A role from its stream. Waits for the read model, so that it also finds new roles.
   * @throws RuleBroken `not-found` for an unknown or deleted role
   */
  async locate(roleId: string): Promise<LocatedRole> {
    const organisationId = await this.organisationOf(roleId);
    if (organisationId === undefined) throw new RuleBroken('not-found');
    const catalogue = await this.roles.catalogue(organisationId);
    return { organisationId, role: mustExist(catalogue, roleId), catalogue };
  }

  /** Refuses a change of a role that the caller holds. @throws RuleBroken `own-role`, `read-model-behind` */
  async mustNotBeHeldBy(personId: string, { role, organisationId }: LocatedRole, reads: ReadSet): Promise<void> {
    await this.projections.mustCatchUp();
    const [listed, here] = [
      await this.roleAssignments.within(personId, organisationId, reads),
      await this.roleAssignments.in(personId, [role.definedAt], reads),
    ];
    if ([...listed, ...here].some((held) => held.role.id === role.id)) throw new RuleBroken('own-role');
  }

  /** @throws RuleBroken `role-in-use` while a person holds it or is invited to it, `read-model-behind` */
  async mustBeUnused({ role, organisationId, catalogue }: LocatedRole): Promise<void> {
    await this.projections.mustCatchUp();
    if (await this.roleAssignments.inUse(idsStandingFor(catalogue, role.id), organisationId))
      throw new RuleBroken('role-in-use');
  }

  /**
   * Decides on all roles of the organisation together. That keeps names unique and every successor an existing role.
   * @param decide authorises, and reads other streams through `reads`
   * @returns the roles after this decision
   */
  async change(
    actor: string,
    organisationId: string,
    scope: ScopeRef,
    decide: (catalogue: RoleCatalogue, reads: ReadSet) => Promise<CustomRoleDomainEvent[]>,
  ): Promise<RoleCatalogue> {
    const eventContext = { actor, scope: { kind: scope.kind, id: scope.id }, organisationId };
    const stream = roleStream(organisationId);
    const { history, domainEvents } = await this.commandHandling.retrying(async (reads) =>
      this.commandHandling.decide({
        stream,
        eventContext,
        decide: async (before) => decide(roleCatalogueFrom(before), reads),
        onlyIf: reads,
      }),
    );
    return (domainEvents as readonly CustomRoleEvent[]).reduce(evolveRoleCatalogue, roleCatalogueFrom(history));
  }

  private async organisationOf(roleId: string): Promise<string | undefined> {
    const db = this.database.kysely<CustomRoleTables>();
    const look = async () =>
      db.selectFrom('custom_role').select('organisation_id').where('id', '=', roleId).executeTakeFirst();
    return (await this.projections.lookUp(look))?.organisation_id;
  }
}
