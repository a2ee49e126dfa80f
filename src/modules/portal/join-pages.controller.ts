import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Scopes } from '../access/access.contract.js';
import { placeName } from '../access/access.domain.contract.js';
import { LinkRoute } from '../../shared/http/route-markers.js';
import { Origin } from '../../shared/http/links/origin.js';
import { ProblemCatalogue } from '../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { ReadPatientLink, RequestThroughLink } from '../patients/patients.contract.js';
import { typed, type BadField } from './forms.js';
import { InvitationOffers, policyLinks } from './invitation-offer.js';
import { localeOf } from './page-language.js';
import { answerAs, Page } from './page-routes.js';
import { Pages } from './pages.js';

const NO_POLICIES = { privacyPolicyUrl: null, termsUrl: null };

/** The page of a patient link, with the form by which a person asks for an invitation. */
@ApiExcludeController()
@Controller('join/:token')
export class JoinPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly pages: Pages,
    private readonly scopes: Scopes,
    private readonly offers: InvitationOffers,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get()
  @Page()
  async show(@Param('token') token: string, @Req() request: FastifyRequest): Promise<string> {
    return this.render(token, request);
  }

  @Post()
  @Page()
  @LinkRoute()
  async ask(
    @Param('token') token: string,
    @Body() body: unknown,
    @Origin() origin: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { email } = typed(body, 'email');
    try {
      await this.commands.execute(new RequestThroughLink(token, email, origin));
    } catch (error) {
      if (!(error instanceof RuleBroken) || error.code !== 'invalid-input') throw error;
      answerAs(reply, error, this.problems);
      return this.render(token, request, [{ field: 'email', text: 'errors.email' }], email);
    }
    return this.pages.render(
      'join-asked',
      { locale: localeOf(request) },
      { path: `/join/${encodeURIComponent(token)}` },
    );
  }

  private async render(token: string, request: FastifyRequest, errors: BadField[] = [], email = ''): Promise<string> {
    const { scope, organisation, expiresAt } = await this.queries.execute(new ReadPatientLink(token));
    // Refuses here, before the visitor fills in a form that would be refused.
    const known = await this.scopes.load(scope);
    if (known?.archived) throw new RuleBroken('scope-archived');
    return this.pages.render(
      'join',
      { locale: localeOf(request), errors },
      {
        token,
        place: placeName({ name: scope.name, organisation }),
        expiresAt,
        email,
        policies: policyLinks(known?.policies ?? NO_POLICIES),
        app: await this.offers.app(scope.id, `/join/${token}`),
      },
    );
  }
}
