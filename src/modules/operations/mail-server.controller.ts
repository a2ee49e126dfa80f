import { Controller, Get } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Authorization, Operation } from '../access/access.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { PLATFORM } from '../access/access.domain.contract.js';
import { MAIL_FAILURE_ADVICE } from './mail-failure-advice.js';
import { MAIL_FAILURE_REASONS, type MailFailureReason } from '../../shared/mail/mail-failures.js';
import { MailServer } from '../../shared/mail/mail-server.js';
import { MailTransport } from '../../shared/mail/mail-transport.js';

const DELIVERIES = ['smtp', 'mailbox'] as const;

class MailServerStatus {
  @ApiProperty({
    type: String,
    enum: DELIVERIES,
    description: '`mailbox`: no SMTP_URL is set, mails wait on the mailbox page; then all but `sender` is null',
  })
  delivery: (typeof DELIVERIES)[number];
  @ApiProperty({ type: String, nullable: true, description: 'Its host and port' })
  server: string | null;
  @ApiProperty({ type: String, description: 'The address that mails come from' })
  sender: string;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'Whether it took the last mail, or would have; null until it was asked',
  })
  up: boolean | null;
  @ApiProperty({
    type: String,
    enum: MAIL_FAILURE_REASONS,
    nullable: true,
    description: 'Why mails do not leave; null unless `up` is false',
  })
  reason: MailFailureReason | null;
  @ApiProperty({ type: String, nullable: true, description: 'What to do about it' })
  advice: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Code of its reply, or of the error on the way to it' })
  code: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Since when `up` has been what it is',
  })
  since: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it was last asked, by a mail or without one',
  })
  lastTriedAt: string | null;
}

/** Routes for operators: super-admins. */
@ApiTags('Operation')
@Controller('v1/mail-server')
export class MailServerController {
  constructor(
    private readonly authorization: Authorization,
    private readonly transport: MailTransport,
    private readonly server: MailServer,
  ) {}

  @Get()
  @Operation({
    summary: 'Whether mails leave this instance, and what to do if not: super-admins only',
    answers: MailServerStatus,
    codes: ['forbidden'],
  })
  async get(@Actor() actor: string): Promise<MailServerStatus> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    const { up, reason, code, since, lastTriedAt } = this.server.state;
    return {
      delivery: this.transport.isMailbox ? 'mailbox' : 'smtp',
      server: this.transport.address,
      sender: this.transport.sender,
      up,
      reason,
      advice: reason && MAIL_FAILURE_ADVICE[reason],
      code,
      since: since?.toISOString() ?? null,
      lastTriedAt: lastTriedAt?.toISOString() ?? null,
    };
  }
}
