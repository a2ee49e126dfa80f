import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Clock } from '../../../shared/time/clock.js';
import { CommandHandling, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { LimitSettings } from '../invite/limits/limit-settings.js';
import type { ExpiryWindow } from '../domain/expiry-windows.js';
import { InvitationAccess } from '../policy/invitation-access.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import { resendInvitation } from '../domain/invitation.js';
import { InvitationLocator } from './invitation-locator.js';
import { InvitationViews, type InvitationView } from './invitation-view.js';
import { invitationOf } from '../domain/membership-stream.js';
import { mustNotBeSentTooOften } from '../domain/resend-limits.js';

/**
 * Sends a new link for the same invitation; the old link stops working. Without `window`, the window stays the same.
 */
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
    private readonly access: InvitationAccess,
    private readonly locator: InvitationLocator,
    private readonly policies: InvitationPolicies,
    private readonly commandHandling: CommandHandling,
    private readonly views: InvitationViews,
    private readonly clock: Clock,
    private readonly limits: LimitSettings,
  ) {}

  async execute({ actor, kind, invitationId, window }: ResendInvitation): Promise<InvitationView> {
    const { storedId, seen } = await this.commandHandling.retrying(async (reads) => {
      const { row, grant, scope, seen: place } = await this.access.open(actor, kind, invitationId, reads);
      await this.policies.of(kind).assertMayInvite(actor, grant, scope, 'resend', reads);
      const decide: Decide = (history) => {
        const [invitation, now] = [invitationOf(history), this.clock.now()];
        const domainEvents = resendInvitation(invitation, row.id, window, now);
        mustNotBeSentTooOften(invitation, this.limits.resends, now);
        return domainEvents;
      };
      await this.commandHandling.decide({
        stream: row.stream,
        eventContext: { actor, scope, organisationId: row.organisation_id },
        decide,
        onlyIf: reads,
      });
      return { storedId: row.id, seen: place };
    });
    const resent = await this.locator.find(kind, storedId);
    const [view] = resent ? await this.views.of(actor, [resent.row], seen) : [];
    if (!view) throw new TypeError('the row has no view');
    return view;
  }
}
