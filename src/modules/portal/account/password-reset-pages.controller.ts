import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Origin } from '../../../shared/http/links/origin.js';
import { LinkRoute } from '../../../shared/http/route-markers.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import {
  ReadPasswordReset,
  RequestPasswordReset,
  ResetPassword,
  ResetPasswordDto,
} from '../../accounts/accounts.contract.js';
import { badFieldsOf, mustBeValid, passwordText, typed, type BadField } from '../forms.js';
import { localeOf } from '../page-language.js';
import { answerAs, Page } from '../page-routes.js';
import { Pages } from '../pages.js';

/** Pages for a forgotten password: asking for the mail, and the form behind its link. */
@ApiExcludeController()
@Controller('password-reset')
export class PasswordResetPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get()
  @Page()
  showForm(@Req() request: FastifyRequest): string {
    return this.pages.render('password-forgotten', { locale: localeOf(request) }, { email: '' });
  }

  @Post()
  @Page()
  async ask(
    @Body() body: unknown,
    @Origin() origin: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { email } = typed(body, 'email');
    const locale = localeOf(request);
    try {
      await this.commands.execute(new RequestPasswordReset(email, locale, origin));
    } catch (error) {
      if (!(error instanceof RuleBroken) || error.code !== 'invalid-input') throw error;
      answerAs(reply, error, this.problems);
      const errors: BadField[] = [{ field: 'email', text: 'errors.email' }];
      return this.pages.render('password-forgotten', { locale, errors }, { email });
    }
    return this.pages.render('password-asked', { locale }, {});
  }

  /** Changes nothing, because mail scanners follow links too. */
  @Get(':token')
  @Page()
  async show(@Param('token') token: string, @Req() request: FastifyRequest): Promise<string> {
    return this.form(token, request);
  }

  @Post(':token')
  @Page()
  @LinkRoute()
  async reset(
    @Param('token') token: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { password } = typed(body, 'password');
    try {
      await mustBeValid(ResetPasswordDto, { password });
      await this.commands.execute(new ResetPassword(token, password));
    } catch (error) {
      const bad = badFieldsOf(error);
      if (!bad) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.form(
        token,
        request,
        bad.map(({ field, code }) => ({ field, text: passwordText(code) })),
      );
    }
    return this.pages.render('password-chosen', { locale: localeOf(request) }, {});
  }

  private async form(token: string, request: FastifyRequest, errors: BadField[] = []): Promise<string> {
    const view = await this.queries.execute(new ReadPasswordReset(token));
    return this.pages.render('password-reset', { locale: localeOf(request), errors }, { ...view, token });
  }
}
