import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { isUUID } from 'class-validator';
import { Authorization } from '../../access/access.contract.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import { MailDispatcher } from '../../../shared/outbox/mail-dispatcher.js';
import type { OutboxTables } from '../../../shared/outbox/outbox.js';
import { retryNow } from '../../../shared/outbox/unsent.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Clock } from '../../../shared/time/clock.js';
import { OperatorActs } from '../acts/operator-acts.js';

/** Makes a mail that failed due at once, for super-admins. Idempotent: a mail that is due already stays as it is. */
export class RetryMail extends Command<void> {
  constructor(
    readonly actor: string,
    readonly key: string,
  ) {
    super();
  }
}

@CommandHandler(RetryMail)
export class RetryMailHandler implements ICommandHandler<RetryMail> {
  constructor(
    private readonly authorization: Authorization,
    private readonly database: Database,
    private readonly dispatcher: MailDispatcher,
    private readonly clock: Clock,
    private readonly acts: OperatorActs,
  ) {}

  /** @throws RuleBroken `not-found`, `mail-not-retryable` */
  async execute({ actor, key }: RetryMail): Promise<void> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    if (!isUUID(key)) throw new RuleBroken('not-found');
    const record = async (): Promise<void> => this.acts.record(actor, { type: 'MailRetried', data: { key } });
    const outcome = await retryNow(this.database.kysely<OutboxTables>(), key, this.clock.now(), record);
    if (outcome === 'unknown') throw new RuleBroken('not-found');
    if (outcome === 'refused') throw new RuleBroken('mail-not-retryable');
    this.dispatcher.notify();
  }
}
