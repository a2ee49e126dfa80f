import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { ChooseGrantNotices } from './choose-grant-notices.command.js';
import { GetGrantNotices } from './get-grant-notices.query.js';
import { ChooseGrantNoticesDto, GrantNoticesView } from './grant-notices.dto.js';

/** Routes for an owner's notices about their organisation. */
@ApiTags('Staff')
@Controller('v1/organisations/:id/notices')
export class GrantNoticesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Operation({
    summary: 'Get your mail notices about an organisation',
    needs: 'organisation.edit',
    at: 'organisation',
    answers: GrantNoticesView,
  })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<GrantNoticesView> {
    return this.queries.execute(new GetGrantNotices(actor, id));
  }

  @Put()
  @Operation({
    summary: 'Switch your mail notices about an organisation on or off',
    description: 'Only owners of the organisation get these notices.',
    needs: 'organisation.edit',
    at: 'organisation',
    answers: GrantNoticesView,
    codes: ['scope-archived', 'too-many-conflicts', 'too-many-requests'],
  })
  async choose(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() { grants }: ChooseGrantNoticesDto,
  ): Promise<GrantNoticesView> {
    await this.commands.execute(new ChooseGrantNotices(actor, id, grants));
    return { grants };
  }
}
