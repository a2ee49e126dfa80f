import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { SessionRegister } from './session-register.js';

/** Ends one of the person's own sessions. */
export class EndSession extends Command<void> {
  constructor(
    readonly personId: string,
    readonly sessionId: string,
  ) {
    super();
  }
}

@CommandHandler(EndSession)
export class EndSessionHandler implements ICommandHandler<EndSession> {
  constructor(private readonly register: SessionRegister) {}

  async execute({ personId, sessionId }: EndSession): Promise<void> {
    const ended = await this.register.end(
      (row) => row.and([row('id', '=', sessionId), row('user_id', '=', personId), row('state', '=', 'open')]),
      'ended-elsewhere',
      personId,
    );
    if (ended === 0) throw new RuleBroken('not-found');
  }
}
