import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { HistoryVerifier } from '../../history/history.contract.js';
import { KeyedMutex } from '../../../shared/resilience/keyed-mutex.js';
import { OperatorActs } from '../acts/operator-acts.js';
import type { HistoryVerification } from './projection.dto.js';

/** An answer names so many differences. */
export const MOST_DIFFERENCES = 100;
const HISTORY = 'history';

/** Compares the history with the log, for super-admins. */
export class VerifyHistory extends Command<HistoryVerification> {
  constructor(readonly actor: string) {
    super();
  }
}

@CommandHandler(VerifyHistory)
export class VerifyHistoryHandler implements ICommandHandler<VerifyHistory> {
  private readonly running = new KeyedMutex();

  constructor(
    private readonly authorization: Authorization,
    private readonly acts: OperatorActs,
    private readonly verifier: HistoryVerifier,
  ) {}

  async execute({ actor }: VerifyHistory): Promise<HistoryVerification> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    await this.acts.record(actor, { type: 'ProjectionVerificationRequested', data: { projection: HISTORY } });
    return this.running.run(HISTORY, async () => this.verify());
  }

  private async verify(): Promise<HistoryVerification> {
    const differences: HistoryVerification['differences'] = [];
    const { entries, periods, differencesInAll } = await this.verifier.verify((difference) => {
      if (differences.length < MOST_DIFFERENCES) differences.push(difference);
    });
    return { entries, periods, differences, differencesInAll };
  }
}
