import { Body, Controller, Patch } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { IdentifiedPerson } from '../../people/people.contract.js';
import { Actor } from '../sign-in.guard.js';
import { ChangeName } from './change-name.command.js';
import { ChangeNameDto } from './name.dto.js';

@ApiTags('Me')
@Controller('v1/me')
export class NameController {
  constructor(private readonly commands: CommandBus) {}

  @Patch()
  @Operation({
    summary: 'Change your name',
    description: 'Everybody who may see your name sees the new one. The same name again changes nothing.',
    answers: IdentifiedPerson,
    codes: ['too-many-conflicts', 'too-many-requests'],
  })
  async change(@Actor() actor: string, @Body() { name }: ChangeNameDto): Promise<IdentifiedPerson> {
    return this.commands.execute(new ChangeName(actor, name));
  }
}
