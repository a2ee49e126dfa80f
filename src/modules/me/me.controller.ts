import { Body, Controller, Delete, Get, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendCookies } from '../../shared/http/cookies.js';
import { Origin } from '../../shared/http/links/origin.js';
import { CookieRoute } from '../../shared/http/route-markers.js';
import { Operation } from '../access/access.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { CloseAccount } from './close/close-account.command.js';
import { CloseAccountDto } from './close/close-account.dto.js';
import { GetMe } from './get-me.query.js';
import { Me } from './me.dto.js';

@ApiTags('Me')
@Controller('v1/me')
export class MeController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Operation({
    summary: 'Get your own profile',
    description: 'Your staff memberships, groups, enrolments and guest places.',
    answers: Me,
  })
  async me(@Actor() actor: string): Promise<Me> {
    return this.queries.execute(new GetMe(actor));
  }

  @Delete()
  @CookieRoute()
  @Operation({
    summary: 'Close your account',
    description:
      'You leave every place by its rules, and all your sessions end. If a rule keeps you in one place, nothing happens: the last owner, a place that is archived, an enrolment that staff ended. Open invitations stay open. To accept one, you make a new account by its link.',
    codes: [
      'wrong-password',
      'too-many-attempts',
      'too-busy',
      'last-owner',
      'scope-archived',
      'offboarded',
      'too-many-conflicts',
      'too-many-requests',
    ],
  })
  async close(
    @Actor() actor: string,
    @Body() { password }: CloseAccountDto,
    @Origin() origin: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const place = { origin, cookie: request.headers.cookie };
    sendCookies(request, reply, await this.commands.execute(new CloseAccount(actor, password, place)));
  }
}
