import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import type { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  CreatePatientLink,
  CreatePatientLinkDto,
  GetPatientLink,
  GetPatientLinkUrl,
  ListPatientLinks,
  PATIENT_WINDOWS,
  RevokePatientLink,
} from '../../patients/patients.contract.js';
import { badFieldsOf, checked, typed, type BadField } from '../forms.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { PATIENTS, PeoplePlaces } from '../shell/people-place.js';
import { pathOf } from '../shell/place.js';
import { At, inPlace } from '../shell/place-routes.js';
import { doAndSay, saidBy } from '../staff/done-or-failed.js';
import type { TextKey } from '../texts/texts.en.js';
import { aboutPatients } from './patient-pages.controller.js';
import { patientTabs } from './patient-tabs.js';

type Fields = Record<'name' | 'expiresIn' | 'maxUses', string>;

const DEFAULTS: Fields = { name: '', expiresIn: '7d', maxUses: '' };
const BAD_FIELDS: Readonly<Record<string, TextKey>> = {
  name: 'patients.errors.linkName',
  maxUses: 'patients.errors.maxUses',
};
const LINKS = 'portal/deployments/:id/patients/links';

/** The links of a deployment, through which patients ask for an invitation. */
@ApiExcludeController()
@Controller()
export class PatientLinkPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly places: PeoplePlaces,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
    private readonly writes: OwnWrites,
  ) {}

  @Get(LINKS)
  @Page()
  async list(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return this.render(viewer, ref, request, query, DEFAULTS, []);
  }

  @Post(LINKS)
  @Page()
  async create(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const fields = typed(body, 'name', 'expiresIn', 'maxUses');
    try {
      const maxUses = fields.maxUses === '' ? undefined : Number(fields.maxUses);
      const dto = await checked(CreatePatientLinkDto, { ...fields, maxUses });
      const { id } = await this.commands.execute(new CreatePatientLink(viewer, ref.id, dto));
      await this.writes.shown();
      return goTo(reply, `${this.pages.base}${pathOf(ref)}/patients/links/${id}`);
    } catch (error) {
      const bad = badFieldsOf(error);
      if (!bad) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      const errors = bad.map(({ field }) => ({ field, text: BAD_FIELDS[field] ?? ('invite.errors.other' as const) }));
      return this.render(viewer, ref, request, {}, fields, errors);
    }
  }

  /** The address of a link is a secret of those who manage it, so only this page shows it. */
  @Get(`${LINKS}/:linkId`)
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('linkId') linkId: string,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    const at = await this.places.at(viewer, ref, request, PATIENTS);
    const link = await this.linkOf(viewer, ref, linkId);
    const address = await this.queries.execute(new GetPatientLinkUrl(viewer, linkId));
    return this.pages.render('patient-link', at.options, { ...at, ...aboutPatients(at), link, address });
  }

  /** Redirects a browser that opens the address of the form by GET. */
  @Get(`${LINKS}/:linkId/stop`)
  @Page()
  toTheLink(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${linkOf(url)}`);
  }

  @Post(`${LINKS}/:linkId/stop`)
  @Page()
  async stop(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Param('linkId') linkId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.linkOf(viewer, ref, linkId);
    const list = `${this.pages.base}${pathOf(ref)}/patients/links`;
    return doAndSay(reply, { page: list, done: `${list}?done=link-stopped` }, async () => {
      await this.commands.execute(new RevokePatientLink(viewer, linkId));
      await this.writes.shown();
    });
  }

  private async render(
    viewer: string,
    ref: ScopeRef,
    request: FastifyRequest,
    query: unknown,
    fields: Fields,
    errors: BadField[],
  ): Promise<string> {
    const { cursor, ...said } = typed(query, 'cursor', 'done', 'failed');
    const page = await checked(PageDto, { cursor });
    const [at, links] = await Promise.all([
      this.places.at(viewer, ref, request, PATIENTS),
      this.queries.execute(new ListPatientLinks(viewer, ref.id, page)),
    ]);
    return this.pages.render(
      'patient-links',
      { ...at.options, errors },
      {
        ...at,
        ...aboutPatients(at),
        tabs: patientTabs(at, 'links'),
        said: saidBy(said),
        fields,
        windows: this.pages.windowChoices(at.options.locale, PATIENT_WINDOWS),
        links: links.items.map((link, n) => Object.assign(link, { menu: `link-${String(n)}` })),
        older: links.nextCursor,
      },
    );
  }

  /** @throws RuleBroken `not-found` also for a link to another deployment */
  private async linkOf(viewer: string, ref: ScopeRef, linkId: string) {
    return inPlace(ref, linkId, async (id) => this.queries.execute(new GetPatientLink(viewer, id)));
  }
}

/** The path of the link's page, from the address of its form. */
function linkOf(url: string): string {
  return url.replace(/\/stop(?:\?.*)?$/, '');
}
