import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { typed, type BadField } from '../forms.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { At, inOrganisationsAndDeployments } from '../shell/place-routes.js';
import { doAndSay } from '../staff/done-or-failed.js';
import { type ProfiledPlace, ProfiledPlaces } from './profiled-places.js';

/** The page that says what archiving an organisation or a deployment does, and asks for its name. */
@ApiExcludeController()
@Controller()
export class ArchivePagesController {
  constructor(
    private readonly places: ProfiledPlaces,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get(inOrganisationsAndDeployments('settings/archive'))
  @Page()
  async show(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const at = await this.places.at(viewer, ref, request);
    if (at.place.archived) return goTo(reply, `${this.pages.base}${at.path}`);
    if (!at.rights.archive) throw new RuleBroken('forbidden');
    return this.render(at, '');
  }

  @Post(inOrganisationsAndDeployments('settings/archive'))
  @Page()
  async archive(
    @Actor() viewer: string,
    @At() ref: ScopeRef,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const at = await this.places.at(viewer, ref, request);
    const { confirmName } = typed(body, 'confirmName');
    if (at.rights.archive && confirmName.trim().normalize('NFC') !== at.place.name) {
      answerAs(reply, new RuleBroken('invalid-input'), this.problems);
      return this.render(at, confirmName, [{ field: 'confirmName', text: 'settings.errors.confirmName' }]);
    }
    const page = `${this.pages.base}${at.path}`;
    return doAndSay(reply, { page, done: `${page}?done=archived` }, async () =>
      this.places.change(viewer, ref, 'archive'),
    );
  }

  private render(at: ProfiledPlace, confirmName: string, errors: BadField[] = []): string {
    return this.pages.render('settings-archive', { ...at.options, errors }, { ...at, confirmName });
  }
}
