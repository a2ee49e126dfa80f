import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { InstancePage } from './instance.dto.js';
import { ListInstances } from './list-instances.query.js';

/** Routes for operators, who are super-admins. */
@ApiTags('Operation')
@Controller('v1/instances')
export class InstancesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Operation({
    id: 'instancesList',
    summary: 'List the instance that answers and the one that leads',
    description: 'Other instances keep no record of themselves. Super-admins only.',
    answers: InstancePage,
    codes: ['forbidden'],
  })
  async list(@Actor() actor: string): Promise<InstancePage> {
    return { items: await this.queries.execute(new ListInstances(actor)), nextCursor: null };
  }
}
