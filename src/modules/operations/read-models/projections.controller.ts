import { Controller, Get, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { ListProjections } from './list-projections.query.js';
import { HistoryVerification, ProjectionList } from './projection.dto.js';
import { RebuildProjection } from './rebuild-projection.command.js';
import { ResumeProjection } from './resume-projection.command.js';
import { MOST_DIFFERENCES, VerifyHistory } from './verify-history.command.js';

/** Routes for operators, who are super-admins. */
@ApiTags('Operation')
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Operation({
    summary: 'List the read models and their progress',
    description: 'Super-admins only.',
    answers: ProjectionList,
    codes: ['forbidden'],
  })
  async list(@Actor() actor: string): Promise<ProjectionList> {
    return this.queries.execute(new ListProjections(actor));
  }

  @Post(':name/resume')
  @Operation({
    summary: 'Resume a paused projection',
    description: 'Super-admins only.',
    codes: ['forbidden', 'not-found', 'checkpoint-ahead', 'log-differs', 'too-many-conflicts'],
    silent: true,
  })
  async resume(@Actor() actor: string, @Param('name') name: string): Promise<void> {
    await this.commands.execute(new ResumeProjection(actor, name));
  }

  @Post(':name/rebuild')
  @Operation({
    summary: 'Rebuild a read model',
    description: 'The rebuild runs beside the live read model, then replaces it. Super-admins only.',
    codes: ['forbidden', 'not-found', 'too-many-conflicts'],
    silent: true,
  })
  async rebuild(@Actor() actor: string, @Param('name') name: string): Promise<void> {
    await this.commands.execute(new RebuildProjection(actor, name));
  }

  @Post('history/verify')
  @Operation({
    summary: 'Compare the history with the log',
    description: `Folds the log anew and compares each row of the history, up to the last event that it shows. Names the first ${String(MOST_DIFFERENCES)} differences. One comparison runs at a time in a process. Super-admins only.`,
    answers: HistoryVerification,
    codes: ['forbidden', 'too-many-conflicts'],
    silent: true,
  })
  async verifyHistory(@Actor() actor: string): Promise<HistoryVerification> {
    return this.commands.execute(new VerifyHistory(actor));
  }
}
