import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { passwordFrom, requestReset } from '../../accounts/accounts.domain.contract.js';
import { personStream } from '../../people/people.domain.contract.js';
import { CommandHandling, type Decide } from '../../../shared/event-sourcing/command-handling.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { Clock } from '../../../shared/time/clock.js';
import { MemberHelp } from './member-help.js';

/** Mails a member a link to a new password. The member alone chooses it. */
export class SendPasswordReset extends Command<void> {
  constructor(
    readonly actor: string,
    readonly membershipId: string,
    readonly locale: Locale,
  ) {
    super();
  }
}

@CommandHandler(SendPasswordReset)
export class SendPasswordResetHandler implements ICommandHandler<SendPasswordReset> {
  constructor(
    private readonly help: MemberHelp,
    private readonly commandHandling: CommandHandling,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, membershipId, locale }: SendPasswordReset): Promise<void> {
    await this.commandHandling.retrying(async (reads) => {
      const personId = await this.help.mustBeAllowed(actor, membershipId, reads);
      const decide: Decide = async (history) => {
        await this.help.count('password-reset', actor, personId);
        return requestReset(passwordFrom(history), locale, this.clock.now());
      };
      await this.commandHandling.decide({
        stream: personStream(personId),
        eventContext: { actor, scope: PLATFORM, organisationId: null },
        decide,
        onlyIf: reads,
      });
    });
  }
}
