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
  @Operation({ summary: 'What a link offers; changes nothing', public: true, answers: LinkDto, codes: LINK_CODES })
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
    summary: 'Takes the invitation up',
    public: true,
    answers: AcceptedDto,
    codes: ACCEPT_CODES,
    description:
      'Signed in as the invitee: no body needed. Nobody signed in and no account: name and password make one. An account there: sign in first.',
  })
  async accept(
    @Param('token') token: string,
    @MaybeActor() actor: string | null,
    @Body() { name, password }: AcceptInvitationDto,
  ): Promise<AcceptedDto> {
    const account = name !== undefined && password !== undefined ? { name, password } : null;
    const { session, ...accepted } = await this.commands.execute(new AcceptInvitation(token, actor, account));
    return { ...accepted, ...(session ? { token: session.token } : {}) };
  }

  @Post('decline')
  @Operation({
    summary: 'Turns the invitation down',
    public: true,
    codes: [...LINK_CODES, 'wrong-account', 'scope-archived', 'too-many-conflicts', 'too-many-requests'],
  })
  async decline(@Param('token') token: string, @MaybeActor() actor: string | null): Promise<void> {
    await this.commands.execute(new DeclineInvitation(token, actor));
  }
}
