import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { SessionRegister } from './session-register.js';

/** Ends all of the person's own sessions but the one that asks. */
export class EndOtherSessions extends Command<void> {
  constructor(
    readonly personId: string,
    readonly sessionId: string | null,
  ) {
    super();
  }
}

@CommandHandler(EndOtherSessions)
export class EndOtherSessionsHandler implements ICommandHandler<EndOtherSessions> {
  constructor(private readonly register: SessionRegister) {}

  async execute({ personId, sessionId }: EndOtherSessions): Promise<void> {
    await this.register.endAllOf(personId, 'ended-elsewhere', personId, sessionId);
  }
}
