import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Clock } from '../clock.js';
import { Decisions, type Decide } from '../event-store/decisions.js';
import type { ExpiryWindow } from './expiry-windows.js';
import { InvitationContexts } from './invitation-context.js';
import { resendInvitation } from './invitation.js';
import { InvitationLocator } from './invitation-locator.js';
import { InvitationViews, type InvitationView } from './invitation-view.js';
import { invitationOf } from './membership-stream.js';

/** Sends a new link for the same invitation; the old link is dead. `window` absent: the same as before. */
export class ResendInvitation extends Command<InvitationView> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly invitationId: string,
    readonly window: ExpiryWindow | undefined,
  ) {
    super();
  }
}

@CommandHandler(ResendInvitation)
export class ResendInvitationHandler implements ICommandHandler<ResendInvitation> {
  constructor(
    private readonly locator: InvitationLocator,
    private readonly contexts: InvitationContexts,
    private readonly decisions: Decisions,
    private readonly views: InvitationViews,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, kind, invitationId, window }: ResendInvitation): Promise<InvitationView> {
    const { row, grant, scope: ref } = await this.locator.locate(kind, invitationId);
    const attribution = { actor, scope: ref, organisationId: row.organisation_id };
    const decide: Decide = (history) => resendInvitation(invitationOf(history), invitationId, window, this.clock.now());
    const scope = await this.decisions.retrying(async (reads) => {
      const allowed = await this.contexts.of(kind).mustBeAllowed(actor, grant, ref, 'resend', reads);
      await this.decisions.decide({ stream: row.stream, attribution, decide, onlyIf: reads });
      return allowed;
    });
    const resent = await this.locator.locate(kind, invitationId);
    const [view] = await this.views.of(actor, [resent.row], scope);
    if (!view) throw new TypeError('one row, one view');
    return view;
  }
}
