import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Authorization } from '../../access/access.contract.js';
import { PLATFORM, type ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { CreateDeployment, CreateDeploymentDto } from '../../deployments/deployments.contract.js';
import { CreateOrganisation, CreateOrganisationDto } from '../../organisations/organisations.contract.js';
import { mustBeValid, typed, type BadField } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { pathOf, placeView } from '../shell/place.js';
import { At } from '../shell/place-routes.js';
import type { ProfiledKind } from './place-rights.js';
import { bodyOf, PROFILE_FIELDS, profileErrors, type ProfileFields } from './profile-form.js';
import { profileSections } from './profile-view.js';
import { viewTypes } from './settings-pages.controller.js';

const FORMS = ['portal/platform/organisations/new', 'portal/organisations/:id/deployments/new'];

/** The forms that create an organisation, and a deployment of one. */
@ApiExcludeController()
@Controller()
export class NewPlacePagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly authorization: Authorization,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
    private readonly writes: OwnWrites,
  ) {}

  @Get(FORMS)
  @Page()
  async show(@Actor() viewer: string, @At() above: ScopeRef, @Req() request: FastifyRequest): Promise<string> {
    return this.form(viewer, above, request, {}, []);
  }

  @Post(FORMS)
  @Page()
  async create(
    @Actor() viewer: string,
    @At() above: ScopeRef,
    @Body() form: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const kind = kindBelow(above);
    const fields: ProfileFields = typed(form, ...PROFILE_FIELDS[kind]);
    try {
      const body = bodyOf(kind, fields);
      const { id } =
        kind === 'organisation'
          ? await this.commands.execute(new CreateOrganisation(viewer, await mustBeValid(CreateOrganisationDto, body)))
          : await this.commands.execute(
              new CreateDeployment(viewer, above.id, await mustBeValid(CreateDeploymentDto, body)),
            );
      await this.writes.shown();
      return goTo(reply, `${this.pages.base}${pathOf({ kind, id })}`);
    } catch (error) {
      const errors = profileErrors(error);
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.form(viewer, above, request, fields, errors);
    }
  }

  private async form(
    viewer: string,
    above: ScopeRef,
    request: FastifyRequest,
    fields: ProfileFields,
    errors: BadField[],
  ): Promise<string> {
    const kind = kindBelow(above);
    const locale = localeOf(request);
    const [{ scope }, nav] = await Promise.all([
      this.authorization.requirePreview(viewer, CREATES[kind], above),
      this.navigation.of(viewer, pathOf(above), above),
    ]);
    return this.pages.render(
      'new-place',
      { locale, errors, nav },
      {
        kind,
        isOrganisation: kind === 'organisation',
        above: placeView(scope),
        back: pathOf(above),
        sections: profileSections(kind, fields),
        viewTypes: viewTypes(this.pages, locale),
      },
    );
  }
}

const CREATES = { organisation: 'organisation.create', deployment: 'deployment.manage' } as const;

function kindBelow({ id }: ScopeRef): ProfiledKind {
  return id === PLATFORM.id ? 'organisation' : 'deployment';
}
