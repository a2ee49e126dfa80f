import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendCookies } from '../../../shared/http/cookies.js';
import { Origin } from '../../../shared/http/links/origin.js';
import { CookieRoute } from '../../../shared/http/route-markers.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { placeName } from '../../access/access.domain.contract.js';
import { MaybeActor } from '../../accounts/accounts.contract.js';
import {
  CloseAccount,
  CloseAccountDto,
  type ClosingObstacle,
  GetMe,
  ListClosingObstacles,
} from '../../me/me.contract.js';
import { badFields, signInErrors, typed, type BadField } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { answerAs, forgetPages, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { accountTabs } from './account-tabs.js';

/** The codes of rules for which the page has a text of its own. */
const EXPLAINED: readonly string[] = ['last-owner', 'scope-archived', 'offboarded'];

/** The page that says what closing an account does, and asks for the password. */
@ApiExcludeController()
@Controller('account')
export class AccountClosingPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get('close')
  @Page()
  async show(@MaybeActor() viewer: string | null, @Req() request: FastifyRequest): Promise<string> {
    if (viewer === null)
      return this.pages.render('sign-in', { locale: localeOf(request) }, { next: '/account/close', email: '' });
    return this.render(viewer, request);
  }

  @Post('close')
  @Page()
  @CookieRoute()
  async close(
    @MaybeActor() viewer: string | null,
    @Body() body: unknown,
    @Origin() origin: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return goTo(reply, `${this.pages.base}/sign-in?next=/account/close`);
    const { password } = typed(body, 'password');
    if ((await badFields(CloseAccountDto, { password })).length > 0) {
      answerAs(reply, new RuleBroken('invalid-input'), this.problems);
      return this.render(viewer, request, [{ field: 'password', text: 'errors.currentPassword' }]);
    }
    try {
      const place = { origin, cookie: request.headers.cookie };
      sendCookies(request, reply, await this.commands.execute(new CloseAccount(viewer, password, place)));
    } catch (error) {
      const errors = closingErrors(error);
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.render(viewer, request, errors);
    }
    forgetPages(reply);
    return goTo(reply, `${this.pages.base}/account/closed`);
  }

  @Get('closed')
  @Page()
  closed(
    @MaybeActor() viewer: string | null,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    if (viewer !== null) return goTo(reply, `${this.pages.base}/account`);
    return this.pages.render('account-closed', { locale: localeOf(request) }, {});
  }

  private async render(viewer: string, request: FastifyRequest, errors: BadField[] = []): Promise<string> {
    const [me, obstacles, nav] = await Promise.all([
      this.queries.execute(new GetMe(viewer)),
      this.queries.execute(new ListClosingObstacles(viewer)),
      this.navigation.of(viewer, '/account'),
    ]);
    const places = [...me.memberships, ...me.groups, ...me.enrolments, ...me.guestOf].map(({ scope, ...place }) =>
      placeName({ name: scope.name, organisation: 'organisation' in place ? place.organisation : null }),
    );
    const view = { accountTabs: accountTabs('/close'), places: [...new Set(places)], obstacles: obstacles.map(shown) };
    return this.pages.render('account-close', { locale: localeOf(request), errors, nav }, view);
  }
}

function shown({ code, place }: ClosingObstacle): { code: string; place: string } {
  return { code: EXPLAINED.includes(code) ? code : 'other', place };
}

/** The field errors of a refused closing; none for a rule that the page explains; null for any other error. */
function closingErrors(error: unknown): BadField[] | null {
  if (error instanceof RuleBroken && EXPLAINED.includes(error.code)) return [];
  if (error instanceof RuleBroken && error.code === 'wrong-password')
    return [{ field: 'password', text: 'errors.signInFailedHere' }];
  return signInErrors(error, 'errors.signInFailedHere');
}
