import { Controller, Delete, Get, Param, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { Operation } from '../../access/access.contract.js';
import { Actor, SessionId } from '../sign-in.guard.js';
import { EndOtherSessions } from './end-other-sessions.command.js';
import { EndSession } from './end-session.command.js';
import { ListSessions } from './list-sessions.query.js';
import { SessionPage } from './session.dto.js';

/** Where a person is signed in. */
@ApiTags('Me')
@Controller('v1/me/sessions')
export class SessionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Operation({ summary: 'List your sessions, newest first', answers: SessionPage })
  async list(
    @Actor() actor: string,
    @Query() { limit, cursor }: PageDto,
    @SessionId() sessionId: string | null,
  ): Promise<SessionPage> {
    return this.queries.execute(new ListSessions(actor, sessionId, { limit, cursor }));
  }

  @Delete()
  @Operation({ summary: 'End all your sessions but this one', codes: ['too-many-conflicts'] })
  async endOthers(@Actor() actor: string, @SessionId() sessionId: string | null): Promise<void> {
    await this.commands.execute(new EndOtherSessions(actor, sessionId));
  }

  @Delete(':id')
  @Operation({
    summary: 'End one of your sessions',
    at: 'own-session',
    whileArchived: true,
    codes: ['not-found', 'too-many-conflicts'],
  })
  async end(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new EndSession(actor, id));
  }
}
