import { Body, Controller, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { uuidPipe } from '../../shared/http/validation.js';
import { Operation } from '../access/access.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { RevertDto } from './revert.dto.js';
import { RevertEntry } from './revert-entry.command.js';

@ApiTags('History')
@Controller('v1/history')
export class RevertsController {
  constructor(private readonly commands: CommandBus) {}

  @Post(':id/revert')
  @Operation({
    summary: 'Take back what an entry of the history did',
    description:
      'Does the ordinary opposite, for callers who may see the entry and may do the opposite. Only while nothing later changed the same; otherwise `laterEvent` of the problem names what did. A repeat changes nothing.',
    at: 'entry',
    byAlias: true,
    codes: [
      'forbidden',
      'last-owner',
      'name-taken',
      'not-restorable',
      'not-revertible',
      'not-revocable',
      'own-enrolment',
      'own-role',
      'role-not-for-scope',
      'role-not-grantable',
      'scope-archived',
      'too-many-conflicts',
      'too-many-requests',
    ],
    idempotent: true,
  })
  async revert(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() { reason }: RevertDto,
  ): Promise<void> {
    await this.commands.execute(new RevertEntry(actor, id, reason));
  }
}
