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

/** Routes about the signed-in caller. */
@ApiTags('Me')
@Controller('v1/me')
export class OwnAccessController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('access')
  @Operation({
    summary:
      'Whether you have a permission somewhere, and what gives it: one question, answered as stored at this moment',
    answers: AccessAnswer,
    codes: ['not-found', 'forbidden', 'offboarded'],
  })
  async ask(@Actor() actor: string, @Query() question: AccessQuestionDto): Promise<AccessAnswer> {
    return this.queries.execute(new AskAccess(actor, question));
  }

  @Get('notices')
  @Operation({ summary: 'Which notices by mail you switched on', answers: NoticesView })
  async notices(@Actor() actor: string): Promise<NoticesView> {
    return this.queries.execute(new GetNotices(actor));
  }

  @Patch('notices')
  @Operation({
    summary: 'Switches your notices by mail on and off',
    answers: NoticesView,
    codes: ['too-many-conflicts', 'too-many-requests'],
  })
  async choose(@Actor() actor: string, @Body() dto: ChooseNoticesDto): Promise<NoticesView> {
    await this.commands.execute(new ChooseNotices(actor, dto));
    return this.queries.execute(new GetNotices(actor));
  }
}
