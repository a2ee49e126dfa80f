import { Controller, Delete, Get, Param } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { ListOwnUnsubscriptions } from './list-own-unsubscriptions.query.js';
import { SwitchMailsBack } from './switch-mails-back.command.js';
import { UnsubscriptionList } from './unsubscription.dto.js';

/** Routes for the caller's own unsubscriptions. Links in mails also make unsubscriptions. */
@ApiTags('Me')
@Controller('v1/me/unsubscriptions')
export class OwnUnsubscriptionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Operation({
    summary: 'List the organisations whose invitation mails you unsubscribed from',
    answers: UnsubscriptionList,
  })
  async list(@Actor() actor: string): Promise<UnsubscriptionList> {
    return { items: await this.queries.execute(new ListOwnUnsubscriptions(actor)) };
  }

  @Delete(':id')
  @Operation({
    summary: 'Resubscribe to the invitation mails of an organisation',
    at: 'own-unsubscription',
    codes: ['too-many-conflicts', 'too-many-requests'],
    whileArchived: true,
  })
  async switchBack(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new SwitchMailsBack(actor, id));
  }
}
