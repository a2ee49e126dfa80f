import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { ListOutbox } from './list-outbox.query.js';
import { OutboxListDto, OutboxPage } from './outbox.dto.js';
import { RetryMail } from './retry-mail.command.js';

/** Routes for operators, who are super-admins. */
@ApiTags('Operation')
@Controller('v1/outbox')
export class OutboxController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Operation({
    id: 'outboxList',
    summary: 'List the mails that were not sent, newest first',
    description: 'Names no address. Super-admins only.',
    answers: OutboxPage,
    codes: ['forbidden'],
  })
  async list(@Actor() actor: string, @Query() dto: OutboxListDto): Promise<OutboxPage> {
    return this.queries.execute(new ListOutbox(actor, dto));
  }

  @Post(':key/retry')
  @Operation({
    id: 'outboxRetry',
    summary: 'Retry a mail that failed',
    description:
      'The mail is due at once, and is tried as often as a new one. A mail that is due already stays as it is. Super-admins only.',
    codes: ['forbidden', 'not-found', 'mail-not-retryable', 'too-many-conflicts'],
    silent: true,
  })
  async retry(@Actor() actor: string, @Param('key') key: string): Promise<void> {
    await this.commands.execute(new RetryMail(actor, key));
  }
}
