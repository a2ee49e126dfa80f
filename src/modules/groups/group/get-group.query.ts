import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { GroupAccess } from '../group-access.js';
import type { GroupView } from './group.dto.js';
import { groupRow } from './group-list.projection.js';
import { GroupViews } from './group-views.js';

/** One group, read from its stream, for its members and account administrators. */
export class GetGroup extends Query<GroupView> {
  constructor(
    readonly actor: string,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetGroup)
export class GetGroupHandler implements IQueryHandler<GetGroup> {
  constructor(
    private readonly access: GroupAccess,
    private readonly views: GroupViews,
  ) {}

  async execute({ actor, id }: GetGroup): Promise<GroupView> {
    const { group, isAccountAdministrator } = await this.access.requireKnownToExist(actor, id);
    const [view] = await this.views.of([groupRow(id, group)], isAccountAdministrator);
    if (!view) throw new TypeError('the row has no view');
    return view;
  }
}
