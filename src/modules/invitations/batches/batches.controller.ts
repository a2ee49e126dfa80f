import { Body, Controller, Get, Header, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import type { Page } from '../../../shared/http/lists/pagination.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { BatchListDto, InvitationBatchPage, InvitationBatchView, UndoneBatchView } from './batch.dto.js';
import { GetInvitationBatch } from './get-invitation-batch.query.js';
import { ListFailedMails } from './list-failed-mails.query.js';
import { ListInvitationBatches } from './list-invitation-batches.query.js';
import { UndoInvitationBatch } from './undo-invitation-batch.command.js';

const SEEN_BY =
  'For callers who may list the invitations of its scope, and for its issuer while they may invite there.';

/** Routes of invitation calls. */
@ApiTags('Invitation batches')
@Controller('v1')
export class BatchesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('organisations/:id/invitation-batches')
  @Operation({
    id: 'invitationBatchesList',
    summary: 'List the invitation calls in an organisation that you may see, newest first',
    description: SEEN_BY,
    at: 'organisation',
    answers: InvitationBatchPage,
    codes: ['forbidden'],
  })
  async list(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() page: BatchListDto,
  ): Promise<Page<InvitationBatchView>> {
    return this.queries.execute(new ListInvitationBatches(actor, id, page));
  }

  @Get('invitation-batches/:id')
  @Operation({
    id: 'invitationBatchesGet',
    summary: 'Get an invitation call with its counts',
    description: SEEN_BY,
    at: 'invitation-batch',
    answers: InvitationBatchView,
  })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<InvitationBatchView> {
    return this.queries.execute(new GetInvitationBatch(actor, id));
  }

  @Get('invitation-batches/:id/failures')
  @Header('Content-Type', 'text/csv; charset=utf-8')
  @Header('Content-Disposition', 'attachment; filename="failed-mails.csv"')
  @Operation({
    id: 'invitationBatchesFailures',
    summary: 'Download the invitations whose mail failed, as CSV',
    description: 'Shows addresses to readers who may identify the invitees. Others get pseudonyms and aliases.',
    at: 'invitation-batch',
    file: 'text/csv',
  })
  async failures(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<string> {
    return this.queries.execute(new ListFailedMails(actor, id));
  }

  @Post('invitation-batches/:id/undo')
  @Operation({
    id: 'invitationBatchesUndo',
    summary: 'Withdraw what is still open of an invitation call',
    description: 'A repeated call withdraws what is left.',
    at: 'invitation-batch',
    answers: UndoneBatchView,
    codes: ['forbidden', 'scope-archived', 'too-many-conflicts'],
    idempotent: true,
  })
  async undo(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() { reason }: ReasonDto,
  ): Promise<UndoneBatchView> {
    return this.commands.execute(new UndoInvitationBatch(actor, id, reason));
  }
}
