import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { InvitationContexts } from './invitation-context.js';
import { InvitationLocator } from './invitation-locator.js';
import { InvitationViews, type InvitationView } from './invitation-view.js';

/** One invitation, for whoever may see such ones. */
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
    private readonly locator: InvitationLocator,
    private readonly contexts: InvitationContexts,
    private readonly views: InvitationViews,
  ) {}

  async execute({ actor, kind, invitationId }: GetInvitation): Promise<InvitationView> {
    const { row, scope: ref } = await this.locator.locate(kind, invitationId);
    const scope = await this.contexts.of(kind).mustBeReadable(actor, ref);
    const [view] = await this.views.of(actor, [row], scope);
    if (!view) throw new TypeError('one row, one view');
    return view;
  }
}
