import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../access/access.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { GetMe } from './get-me.query.js';
import { Me } from './me.dto.js';

@ApiTags('Me')
@Controller('v1/me')
export class MeController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Operation({
    summary: 'Who is signed in, where they are on the staff, in which groups, and where they are a patient',
    answers: Me,
  })
  async me(@Actor() actor: string): Promise<Me> {
    return this.queries.execute(new GetMe(actor));
  }
}
