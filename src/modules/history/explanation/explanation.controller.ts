import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { acceptedLocale } from '../../../shared/http/accepted-locale.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { ExplainAccess } from './explain-access.query.js';
import { ExplanationDto, ExplanationView } from './explanation.dto.js';

/** Why a person held a grant. */
@ApiTags('History')
@Controller('v1')
export class ExplanationController {
  constructor(private readonly queries: QueryBus) {}

  @Get('access/:id/explanation')
  @Operation({
    id: 'explainAccess',
    summary: 'Explain why somebody held a grant',
    description:
      'The events that the grant followed from: issue, acceptance, change and definition in force, and the creation of its scope. Each needed one leads to the grant by whose authority it happened, up to the first start. For holders of `audit.view` where the grant is, and for administrators of its group.',
    at: 'grant',
    byAlias: true,
    answers: ExplanationView,
  })
  async explain(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() instant: ExplanationDto,
    @Req() { headers }: FastifyRequest,
  ): Promise<ExplanationView> {
    const locale = acceptedLocale(headers['accept-language']);
    return this.queries.execute(new ExplainAccess(actor, { grant: id }, instant, locale));
  }
}
