import { Body, Controller, Get, Param, Post, Query, Req } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import type { ProblemCode } from '../../../shared/problems/problem-codes.js';
import { AcceptOwnInvitation } from './accept-own-invitation.command.js';
import { DeclineOwnInvitation } from './decline-own-invitation.command.js';
import { AcceptedDto, AcceptOwnInvitationDto, OwnInvitationPage } from '../manage/invitation.dto.js';
import { ListOwnInvitations } from './list-own-invitations.query.js';

const CODES: readonly ProblemCode[] = [
  'invitation-expired',
  'invitation-superseded',
  'invitation-revoked',
  'invitation-declined',
  'invitation-accepted',
  'scope-archived',
  'too-many-conflicts',
  'too-many-requests',
];

/** Routes for signed-in invitees, without a link. */
@ApiTags('Invitee')
@Controller('v1/me/invitations')
export class OwnInvitationsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Operation({ summary: 'List your own open invitations, newest first', answers: OwnInvitationPage })
  async list(@Actor() actor: string, @Query() { limit, cursor }: PageDto): Promise<OwnInvitationPage> {
    return this.queries.execute(new ListOwnInvitations(actor, { limit, cursor }));
  }

  @Post(':id/accept')
  @Operation({
    summary: 'Accept your own invitation',
    description: 'A second call changes nothing.',
    at: 'own-invitation',
    answers: AcceptedDto,
    codes: [...CODES, 'invitation-changed', 'inviter-lost-authority', 'use-the-link'],
  })
  async accept(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() { terms }: AcceptOwnInvitationDto,
    @Req() { headers }: FastifyRequest,
  ): Promise<AcceptedDto> {
    return this.commands.execute(new AcceptOwnInvitation(actor, id, headers, terms));
  }

  @Post(':id/decline')
  @Operation({ summary: 'Decline your own invitation', at: 'own-invitation', codes: CODES })
  async decline(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new DeclineOwnInvitation(actor, id));
  }
}
