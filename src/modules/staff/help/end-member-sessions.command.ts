import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { SessionRegister } from '../../accounts/accounts.contract.js';
import { CommandHandling } from '../../../shared/event-sourcing/command-handling.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { STAFF_MEMBERSHIP } from '../members/staff-membership.js';
import { MemberHelp } from './member-help.js';

/** Ends all sessions of a member. */
export class EndMemberSessions extends Command<void> {
  constructor(
    readonly actor: string,
    readonly membershipId: string,
  ) {
    super();
  }
}

@CommandHandler(EndMemberSessions)
export class EndMemberSessionsHandler implements ICommandHandler<EndMemberSessions> {
  constructor(
    private readonly help: MemberHelp,
    private readonly register: SessionRegister,
    private readonly commandHandling: CommandHandling,
  ) {}

  async execute({ actor, membershipId }: EndMemberSessions): Promise<void> {
    let isCounted = false;
    await this.commandHandling.retrying(async (reads) => {
      const personId = await this.help.mustBeAllowed(actor, membershipId, reads);
      if (!isCounted) await this.help.count('sessions', actor, personId);
      isCounted = true;
      await this.register.endAllOnceAuthorised(personId, 'ended-by-administrator', actor, reads);
      this.commandHandling.noteUnchanged(await reads.read(StreamId.of(STAFF_MEMBERSHIP.category, membershipId)));
    });
  }
}
