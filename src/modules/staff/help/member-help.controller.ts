import { Body, Controller, Delete, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { uuidPipe } from '../../../shared/http/validation.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/texts.js';
import type { ProblemCode } from '../../../shared/problems/problem-codes.js';
import { Operation } from '../../access/access.contract.js';
import { Actor, PasswordResetRequested } from '../../accounts/accounts.contract.js';
import { EndMemberSessions } from './end-member-sessions.command.js';
import { SendPasswordResetDto } from './member-help.dto.js';
import { SendPasswordReset } from './send-password-reset.command.js';

const CODES: readonly ProblemCode[] = [
  'role-not-grantable',
  'scope-archived',
  'too-many-conflicts',
  'too-many-requests',
];
const WHO =
  'For callers who could remove this member, and not for the members themselves. For a person who also holds a role of the platform, only super-admins may do it. An hour allows 30 calls of one administrator and 5 for one member.';

/** Help for a member who can't sign in, or who lost a device. */
@ApiTags('Staff')
@Controller('v1/staff/:id')
export class MemberHelpController {
  constructor(private readonly commands: CommandBus) {}

  @Post('password-reset')
  @Operation({
    summary: 'Mail a member a link to a new password',
    description: `The member alone chooses the password. The link works once, for one hour. ${WHO}`,
    needs: 'staff.manage',
    at: 'staff',
    answers: PasswordResetRequested,
    status: 202,
    codes: CODES,
    idempotent: true,
  })
  async sendPasswordReset(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() { locale }: SendPasswordResetDto,
  ): Promise<PasswordResetRequested> {
    await this.commands.execute(new SendPasswordReset(actor, id, locale ?? DEFAULT_LOCALE));
    return { status: 'requested' };
  }

  @Delete('sessions')
  @Operation({
    summary: 'End all sessions of a member',
    description: `The member signs in again with their password. ${WHO}`,
    needs: 'staff.manage',
    at: 'staff',
    codes: CODES,
  })
  async endSessions(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new EndMemberSessions(actor, id));
  }
}
