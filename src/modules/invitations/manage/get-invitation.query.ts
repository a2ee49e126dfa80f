import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { InvitationAccess } from '../policy/invitation-access.js';
import { InvitationViews, type InvitationView } from './invitation-view.js';

/** One invitation, for callers who may see it. */
export class GetInvitation extends Query<InvitationView> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly invitationId: string,
  ) {
    super();
  }
}

@QueryHandler(GetInvitation)
export class GetInvitationHandler implements IQueryHandler<GetInvitation> {
  constructor(
    private readonly access: InvitationAccess,
    private readonly views: InvitationViews,
  ) {}

  async execute({ actor, kind, invitationId }: GetInvitation): Promise<InvitationView> {
    const { row, seen } = await this.access.open(actor, kind, invitationId);
    const [view] = await this.views.of(actor, [row], seen);
    if (!view) throw new TypeError('the row has no view');
    return view;
  }
}
