import { Body, Controller, Get, Param, Post, Req } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Origin } from '../../../shared/http/links/origin.js';
import { DEFAULT_LOCALE } from '../../../shared/mail/texts.js';
import type { ProblemCode } from '../../../shared/problems/problem-codes.js';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../sign-in.guard.js';
import {
  AddressChangeLink,
  AddressChangeRequested,
  AddressUndoLink,
  RequestAddressChangeDto,
  UndoAddressChangeDto,
} from './address.dto.js';
import { ConfirmAddressChange } from './confirm-address-change.command.js';
import { ReadAddressChange } from './read-address-change.query.js';
import { ReadAddressUndo } from './read-address-undo.query.js';
import { RequestAddressChange } from './request-address-change.command.js';
import { UndoAddressChange } from './undo-address-change.command.js';

/** Why a link that confirms an address can't be used. */
const CONFIRM_CODES: readonly ProblemCode[] = [
  'address-change-not-found',
  'address-change-expired',
  'address-change-superseded',
  'address-change-used',
  'address-taken',
];
/** Why a link that undoes a change can't be used. */
const UNDO_CODES: readonly ProblemCode[] = ['address-undo-not-found', 'address-undo-expired', 'address-undo-used'];

/** A person changes their own e-mail address. */
@ApiTags('Me')
@Controller('v1')
export class AddressController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('me/address')
  @Operation({
    summary: 'Ask for another e-mail address',
    description:
      'Answers alike, and after the same time, for every address. The new address gets a mail with a link that confirms it, for one hour. At most 5 requests an hour come from one person, and 5 mails an hour go to one address.',
    answers: AddressChangeRequested,
    status: 202,
    codes: ['wrong-password', 'too-many-attempts', 'too-many-requests', 'too-many-conflicts', 'too-busy'],
    silent: true,
  })
  async request(
    @Actor() actor: string,
    @Body() { email, password, locale }: RequestAddressChangeDto,
    @Origin() origin: string,
    @Req() { headers }: FastifyRequest,
  ): Promise<AddressChangeRequested> {
    const place = { origin, cookie: headers.cookie };
    await this.commands.execute(new RequestAddressChange(actor, email, password, locale ?? DEFAULT_LOCALE, place));
    return { status: 'requested' };
  }

  @Get('address-changes/:token')
  @Operation({
    summary: 'Read a mailed link that confirms an e-mail address',
    public: true,
    answers: AddressChangeLink,
    codes: CONFIRM_CODES,
  })
  async readChange(@Param('token') token: string): Promise<AddressChangeLink> {
    return this.queries.execute(new ReadAddressChange(token));
  }

  @Post('address-changes/:token')
  @Operation({
    summary: 'Confirm an e-mail address by a mailed link',
    description: 'The link works once, for one hour. The address before is told by mail. Sessions go on.',
    public: true,
    whileArchived: true,
    codes: [...CONFIRM_CODES, 'too-many-conflicts', 'not-found'],
  })
  async confirm(@Param('token') token: string): Promise<void> {
    await this.commands.execute(new ConfirmAddressChange(token));
  }

  @Get('address-undos/:token')
  @Operation({
    summary: 'Read a mailed link that undoes a change of the e-mail address',
    public: true,
    answers: AddressUndoLink,
    codes: UNDO_CODES,
  })
  async readUndo(@Param('token') token: string): Promise<AddressUndoLink> {
    return this.queries.execute(new ReadAddressUndo(token));
  }

  @Post('address-undos/:token')
  @Operation({
    summary: 'Undo a change of the e-mail address by a mailed link',
    description:
      'The link works once, for 7 days. Undoes later changes too, sets a new password, ends all sessions of the account, and signs nobody in.',
    public: true,
    whileArchived: true,
    codes: [...UNDO_CODES, 'too-many-conflicts', 'too-busy', 'not-found'],
  })
  async undo(@Param('token') token: string, @Body() { password }: UndoAddressChangeDto): Promise<void> {
    await this.commands.execute(new UndoAddressChange(token, password));
  }
}
