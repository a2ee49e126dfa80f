import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { InvitationPolicies } from '../policy/invitation-policy.js';

/**
 * Ends a membership of one type: the caller removes the member, or leaves. `options` is the checked body of the call.
 */
export class EndMembership extends Command<void> {
  constructor(
    readonly actor: string,
    readonly kind: string,
    readonly membershipId: string,
    readonly options: { reason?: string },
  ) {
    super();
  }
}

@CommandHandler(EndMembership)
export class EndMembershipHandler implements ICommandHandler<EndMembership> {
  constructor(private readonly policies: InvitationPolicies) {}

  async execute({ actor, kind, membershipId, options }: EndMembership): Promise<void> {
    await this.policies.of(kind).endMembership(actor, membershipId, options);
  }
}
