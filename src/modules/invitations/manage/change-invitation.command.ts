import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandHandling, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Clock } from '../../../shared/time/clock.js';
import { InvitationAccess } from '../policy/invitation-access.js';
import { InvitationPolicies } from '../policy/invitation-policy.js';
import { changeInvitation } from '../domain/invitation.js';
import { invitationOf } from '../domain/membership-stream.js';
import type { InvitationChangeDto } from './invitation.dto.js';
import { InvitationLocator } from './invitation-locator.js';
import { InvitationViews, type InvitationView } from './invitation-view.js';

/**
 * Changes the grant or the expiry of a pending invitation. Its link stays, and no mail is sent. The caller becomes its
 * issuer.
 */
export class ChangeInvitation extends Command<InvitationView> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly invitationId: string,
    readonly dto: InvitationChangeDto,
  ) {
    super();
  }
}

@CommandHandler(ChangeInvitation)
export class ChangeInvitationHandler implements ICommandHandler<ChangeInvitation> {
  constructor(
    private readonly access: InvitationAccess,
    private readonly locator: InvitationLocator,
    private readonly policies: InvitationPolicies,
    private readonly commandHandling: CommandHandling,
    private readonly views: InvitationViews,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, kind, invitationId, dto }: ChangeInvitation): Promise<InvitationView> {
    const policy = this.policies.of(kind);
    const { storedId, seen } = await this.commandHandling.retrying(async (reads) => {
      const { row, grant, scope, seen: place } = await this.access.open(actor, kind, invitationId, reads);
      if (row.person_id === actor) throw new RuleBroken(policy.type.ownCode ?? 'own-role');
      const changed = await policy.authoriseChange(actor, grant, scope, dto, reads);
      const decide: Decide = (history) =>
        changeInvitation(invitationOf(history), row.id, { grant: changed, window: dto.expiresIn }, this.clock.now());
      await this.commandHandling.decide({
        stream: row.stream,
        eventContext: { actor, scope, organisationId: row.organisation_id },
        decide,
        onlyIf: reads,
      });
      return { storedId: row.id, seen: place };
    });
    const found = await this.locator.find(kind, storedId);
    const [view] = found ? await this.views.of(actor, [found.row], seen) : [];
    if (!view) throw new TypeError('the row has no view');
    return view;
  }
}
