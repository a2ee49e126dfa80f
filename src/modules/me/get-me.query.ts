import { Query, QueryBus, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { People, PersonNames } from '../people/people.contract.js';
import { ListOwnGroups } from '../groups/groups.contract.js';
import { ListOwnGuestPlaces } from '../invitations/invitations.contract.js';
import { ListOwnEnrolments } from '../patients/patients.contract.js';
import { ListOwnMemberships } from '../staff/staff.contract.js';
import type { Me } from './me.dto.js';

/** The signed-in person, with their staff memberships, groups, enrolments and places as a guest. */
export class GetMe extends Query<Me> {
  constructor(readonly actor: string) {
    super();
  }
}

@QueryHandler(GetMe)
export class GetMeHandler implements IQueryHandler<GetMe> {
  constructor(
    private readonly people: People,
    private readonly names: PersonNames,
    private readonly queries: QueryBus,
  ) {}

  async execute({ actor }: GetMe): Promise<Me> {
    const [people, names, memberships, groups, enrolments, guestOf] = await Promise.all([
      this.people.getByIds([actor]),
      this.names.of([actor]),
      this.queries.execute(new ListOwnMemberships(actor)),
      this.queries.execute(new ListOwnGroups(actor)),
      this.queries.execute(new ListOwnEnrolments(actor)),
      this.queries.execute(new ListOwnGuestPlaces(actor)),
    ]);
    return {
      personId: actor,
      name: names.get(actor) ?? null,
      email: people.get(actor)?.email ?? null,
      memberships,
      groups,
      enrolments,
      guestOf,
    };
  }
}
