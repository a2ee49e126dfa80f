import { Body, Controller, Param, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Origin } from '../../../shared/http/links/origin.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/texts.js';
import { Operation } from '../../access/access.contract.js';
import { Actor, SessionId } from '../sign-in.guard.js';
import { ChangePassword } from './change-password.command.js';
import {
  ChangePasswordDto,
  PasswordResetRequested,
  RequestPasswordResetDto,
  ResetPasswordDto,
} from './password.dto.js';
import { RequestPasswordReset } from './request-password-reset.command.js';
import { ResetPassword } from './reset-password.command.js';

@ApiTags('Sign-in')
@Controller(['v1/auth', 'auth'])
export class PasswordController {
  constructor(private readonly commands: CommandBus) {}

  @Post('password')
  @Operation({
    summary: 'Change your password',
    description: 'Ends all your other sessions.',
    codes: ['wrong-password', 'too-many-attempts', 'too-many-conflicts', 'too-busy', 'not-found'],
  })
  async change(
    @Actor() actor: string,
    @SessionId() sessionId: string | null,
    @Body() { currentPassword, password }: ChangePasswordDto,
    @Origin() origin: string,
    @Req() { headers }: FastifyRequest,
  ): Promise<void> {
    const place = { origin, cookie: headers.cookie };
    await this.commands.execute(new ChangePassword(actor, sessionId, currentPassword, password, place));
  }

  @Post('password-reset')
  @Operation({
    summary: 'Ask for a mail with a link to a new password',
    description:
      'Answers alike, and after the same time, for every address. A person who has no account yet gets their invitation again. At most 5 mails an hour go to one address.',
    public: true,
    answers: PasswordResetRequested,
    status: 202,
    codes: ['too-many-requests', 'too-many-conflicts'],
    silent: true,
  })
  async request(
    @Body() { email, locale }: RequestPasswordResetDto,
    @Origin() origin: string,
  ): Promise<PasswordResetRequested> {
    await this.commands.execute(new RequestPasswordReset(email, locale ?? DEFAULT_LOCALE, origin));
    return { status: 'requested' };
  }

  @Post('password-reset/:token')
  @Operation({
    summary: 'Choose a new password by a mailed link',
    description: 'The link works once, for one hour. Ends all sessions of the account, and signs nobody in.',
    public: true,
    whileArchived: true,
    codes: [
      'password-reset-not-found',
      'password-reset-expired',
      'password-reset-superseded',
      'password-reset-used',
      'too-many-conflicts',
      'too-busy',
      'not-found',
    ],
  })
  async reset(@Param('token') token: string, @Body() { password }: ResetPasswordDto): Promise<void> {
    await this.commands.execute(new ResetPassword(token, password));
  }
}
