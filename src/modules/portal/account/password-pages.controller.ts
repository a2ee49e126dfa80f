import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Origin } from '../../../shared/http/links/origin.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Actor, ChangePassword, ChangePasswordDto, MaybeActor, SessionId } from '../../accounts/accounts.contract.js';
import { GetMe } from '../../me/me.contract.js';
import { badFieldsOf, mustBeValid, passwordText, signInErrors, typed, type BadField } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { accountTabs } from './account-tabs.js';

/** The form that changes a person's password. */
@ApiExcludeController()
@Controller('account/password')
export class PasswordPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get()
  @Page()
  async show(@Actor() viewer: string, @Query('saved') saved: unknown, @Req() request: FastifyRequest): Promise<string> {
    return this.render(viewer, request, saved === 'password');
  }

  @Post()
  @Page()
  async change(
    @MaybeActor() viewer: string | null,
    @SessionId() sessionId: string | null,
    @Body() body: unknown,
    @Origin() origin: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const page = '/account/password';
    if (viewer === null) return goTo(reply, `${this.pages.base}/sign-in?next=${page}`);
    const { currentPassword, password } = typed(body, 'currentPassword', 'password');
    try {
      await mustBeValid(ChangePasswordDto, { currentPassword, password });
      const place = { origin, cookie: request.headers.cookie };
      await this.commands.execute(new ChangePassword(viewer, sessionId, currentPassword, password, place));
    } catch (error) {
      const errors = passwordErrors(error);
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.render(viewer, request, false, errors);
    }
    return goTo(reply, `${this.pages.base}${page}?saved=password`);
  }

  private async render(
    viewer: string,
    request: FastifyRequest,
    isSaved: boolean,
    errors: BadField[] = [],
  ): Promise<string> {
    const [{ email }, nav] = await Promise.all([
      this.queries.execute(new GetMe(viewer)),
      this.navigation.of(viewer, '/account'),
    ]);
    const view = { accountTabs: accountTabs('/password'), email, isSaved };
    return this.pages.render('account-password', { locale: localeOf(request), errors, nav }, view);
  }
}

/** The field errors of a refused change of the password; null for any other error. */
function passwordErrors(error: unknown): BadField[] | null {
  const bad = badFieldsOf(error);
  if (bad)
    return bad.map(({ field, code }) => ({
      field,
      text: field === 'currentPassword' ? 'errors.currentPassword' : passwordText(code),
    }));
  return wrongPassword(error, 'currentPassword');
}

/** The errors of a refused current password, at its field; null for any other error. */
export function wrongPassword(error: unknown, field: string): BadField[] | null {
  if (error instanceof RuleBroken && error.code === 'wrong-password')
    return [{ field, text: 'errors.signInFailedHere' }];
  return signInErrors(error, 'errors.signInFailedHere')?.map((each) => ({ ...each, field })) ?? null;
}
