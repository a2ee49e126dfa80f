import { Body, Controller, Get, Patch, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { AccessAnswer, AccessQuestionDto } from './ask-access.dto.js';
import { AskAccess } from './ask-access.query.js';
import { ChooseNotices } from '../notices/choose-notices.command.js';
import { GetNotices } from '../notices/get-notices.query.js';
import { ChooseNoticesDto, NoticesView } from '../notices/notices.dto.js';

/** Routes for the caller's own permissions and notices. */
@ApiTags('Me')
@Controller('v1/me')
export class OwnAccessController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('access')
  @Operation({
    summary: 'Check one of your own permissions',
    description: 'Says whether you have the permission in the scope at this moment, and what gives it.',
    answers: AccessAnswer,
    codes: ['not-found', 'forbidden', 'offboarded'],
  })
  async ask(@Actor() actor: string, @Query() question: AccessQuestionDto): Promise<AccessAnswer> {
    return this.queries.execute(new AskAccess(actor, question));
  }

  @Get('notices')
  @Operation({ summary: 'Get your mail notices', answers: NoticesView })
  async notices(@Actor() actor: string): Promise<NoticesView> {
    return this.queries.execute(new GetNotices(actor));
  }

  @Patch('notices')
  @Operation({
    summary: 'Switch your mail notices on or off',
    answers: NoticesView,
    codes: ['too-many-conflicts', 'too-many-requests'],
  })
  async choose(@Actor() actor: string, @Body() dto: ChooseNoticesDto): Promise<NoticesView> {
    await this.commands.execute(new ChooseNotices(actor, dto));
    return this.queries.execute(new GetNotices(actor));
  }
}
