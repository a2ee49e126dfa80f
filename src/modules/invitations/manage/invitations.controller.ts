import { Body, Controller, Get, Param, Post, Req } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { ProblemCode } from '../../../shared/problems/problem-codes.js';
import { Operation } from '../../access/access.contract.js';
import { MaybeActor } from '../../accounts/accounts.contract.js';
import { AcceptInvitation } from '../respond/accept-invitation.command.js';
import { DeclineInvitation } from '../respond/decline-invitation.command.js';
import { AcceptedDto, AcceptInvitationDto, LinkDto } from './invitation.dto.js';
import { MailboxProof } from '../respond/mailbox-proof.js';
import { ReadLink } from '../links/read-link.query.js';

const LINK_CODES: readonly ProblemCode[] = [
  'invitation-not-found',
  'invitation-expired',
  'invitation-superseded',
  'invitation-revoked',
  'invitation-declined',
  'invitation-accepted',
];
const ACCEPT_CODES: readonly ProblemCode[] = [
  ...LINK_CODES,
  'account-exists',
  'wrong-account',
  'invitation-changed',
  'inviter-lost-authority',
  'scope-archived',
  'too-many-conflicts',
  'too-many-requests',
  'too-busy',
];

/** Routes for invitees who hold a link. */
@ApiTags('Invitee')
@Controller('v1/invitations/:token')
export class InvitationsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly proof: MailboxProof,
  ) {}

  @Get()
  @Operation({
    summary: 'Read an invitation link',
    description: 'Says what the link offers. Changes nothing.',
    public: true,
    answers: LinkDto,
    codes: LINK_CODES,
  })
  async read(
    @Param('token') token: string,
    @MaybeActor() viewer: string | null,
    @Req() { headers }: FastifyRequest,
  ): Promise<LinkDto> {
    const offer = await this.queries.execute(new ReadLink(token));
    await this.proof.opened(token, viewer, headers);
    return offer;
  }

  @Post('accept')
  @Operation({
    summary: 'Accept an invitation',
    public: true,
    answers: AcceptedDto,
    codes: ACCEPT_CODES,
    description:
      'A signed-in invitee sends no body. An invitee without an account sends a name and a password for a new one. An invitee with an account signs in first.',
  })
  async accept(
    @Param('token') token: string,
    @MaybeActor() actor: string | null,
    @Body() { name, password, terms }: AcceptInvitationDto,
    @Req() request: FastifyRequest,
  ): Promise<AcceptedDto> {
    const account = name !== undefined && password !== undefined ? { name, password } : null;
    const { session, ...accepted } = await this.commands.execute(
      new AcceptInvitation(token, actor, account, request.headers['user-agent'], terms),
    );
    return { ...accepted, ...(session ? { token: session.token } : {}) };
  }

  @Post('decline')
  @Operation({
    summary: 'Decline an invitation',
    public: true,
    codes: [...LINK_CODES, 'wrong-account', 'scope-archived', 'too-many-conflicts', 'too-many-requests'],
  })
  async decline(@Param('token') token: string, @MaybeActor() actor: string | null): Promise<void> {
    await this.commands.execute(new DeclineInvitation(token, actor));
  }
}
