import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization } from '../access/access.contract.js';
import { EventStore } from '../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import type { OrganisationView } from './organisation.dto.js';
import { organisationView } from './organisation-list.projection.js';
import { organisationFrom, organisationStream } from './organisation-scopes.js';

/** One organisation, for callers with a role, a group membership or an enrolment in it. */
export class GetOrganisation extends Query<OrganisationView> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetOrganisation)
export class GetOrganisationHandler implements IQueryHandler<GetOrganisation> {
  constructor(
    private readonly authorization: Authorization,
    private readonly store: EventStore,
  ) {}

  async execute({ actor, id }: GetOrganisation): Promise<OrganisationView> {
    await this.authorization.requireEntry(actor, { kind: 'organisation', id });
    const organisation = organisationFrom(await this.store.read(organisationStream(id)));
    if (organisation.status === 'unknown') throw new RuleBroken('not-found');
    return organisationView(id, organisation.profile, organisation.status === 'archived');
  }
}
