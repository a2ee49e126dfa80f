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
    description:
      '`mailbox`: no SMTP_URL is set, and mails wait on the mailbox page. Then everything but `sender` is null.',
  })
  delivery: (typeof DELIVERIES)[number];
  @ApiProperty({ type: String, nullable: true, description: 'Host and port of the mail server' })
  server: string | null;
  @ApiProperty({ type: String, description: 'Address that mails come from' })
  sender: string;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'Whether the mail server accepts mails; null until it was asked',
  })
  up: boolean | null;
  @ApiProperty({
    type: String,
    enum: MAIL_FAILURE_REASONS,
    nullable: true,
    description: 'Why mails do not leave; null unless `up` is false',
  })
  reason: MailFailureReason | null;
  @ApiProperty({ type: String, nullable: true, description: 'What to do about the reason' })
  advice: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Code of the reply, or of the connection error' })
  code: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Time when `up` last changed',
  })
  since: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Time when the mail server was last asked, with a mail or without',
  })
  lastTriedAt: string | null;
}

/** Routes for operators, who are super-admins. */
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
    summary: 'Check the mail server',
    description: 'Says whether mails leave this instance, and what to do if not. Super-admins only.',
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
