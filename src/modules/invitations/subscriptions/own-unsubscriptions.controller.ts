import { Controller, Delete, Get, Param } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { ListOwnUnsubscriptions } from './list-own-unsubscriptions.query.js';
import { SwitchMailsBack } from './switch-mails-back.command.js';
import { UnsubscriptionList } from './unsubscription.dto.js';

/** Routes for the caller's own unsubscriptions, which the links in mails can make too. */
@ApiTags('Me')
@Controller('v1/me/unsubscriptions')
export class OwnUnsubscriptionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Operation({ summary: 'Whose invitations you get no more by mail', answers: UnsubscriptionList })
  async list(@Actor() actor: string): Promise<UnsubscriptionList> {
    return { items: await this.queries.execute(new ListOwnUnsubscriptions(actor)) };
  }

  @Delete(':id')
  @Operation({
    summary: 'Switches invitations of an organisation by mail on again',
    at: 'own-unsubscription',
    codes: ['too-many-conflicts', 'too-many-requests'],
    whileArchived: true,
  })
  async switchBack(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new SwitchMailsBack(actor, id));
  }
}
