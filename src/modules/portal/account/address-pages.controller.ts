import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LinkRoute } from '../../../shared/http/route-markers.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import type { RuleBroken } from '../../../shared/problems/problem-codes.js';
import {
  ConfirmAddressChange,
  ReadAddressChange,
  ReadAddressUndo,
  UndoAddressChange,
  UndoAddressChangeDto,
} from '../../accounts/accounts.contract.js';
import { badFieldsOf, mustBeValid, passwordText, typed, type BadField } from '../forms.js';
import { localeOf } from '../page-language.js';
import { answerAs, Page } from '../page-routes.js';
import { Pages } from '../pages.js';

/** Pages behind the mailed links that confirm and undo a change of the e-mail address. A GET changes nothing. */
@ApiExcludeController()
@Controller()
export class AddressPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get('address/:token')
  @Page()
  async show(@Param('token') token: string, @Req() request: FastifyRequest): Promise<string> {
    const { email, expiresAt } = await this.queries.execute(new ReadAddressChange(token));
    return this.pages.render('address-confirm', { locale: localeOf(request) }, { email, expiresAt, token });
  }

  @Post('address/:token')
  @Page()
  @LinkRoute()
  async confirm(@Param('token') token: string, @Req() request: FastifyRequest): Promise<string> {
    await this.commands.execute(new ConfirmAddressChange(token));
    return this.pages.render('address-changed', { locale: localeOf(request) }, {});
  }

  @Get('address-undo/:token')
  @Page()
  async showUndo(@Param('token') token: string, @Req() request: FastifyRequest): Promise<string> {
    return this.undoForm(token, request);
  }

  @Post('address-undo/:token')
  @Page()
  @LinkRoute()
  async undo(
    @Param('token') token: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { password } = typed(body, 'password');
    try {
      await mustBeValid(UndoAddressChangeDto, { password });
      await this.commands.execute(new UndoAddressChange(token, password));
    } catch (error) {
      const bad = badFieldsOf(error);
      if (!bad) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.undoForm(
        token,
        request,
        bad.map(({ field, code }) => ({ field, text: passwordText(code) })),
      );
    }
    return this.pages.render('address-undone', { locale: localeOf(request) }, {});
  }

  private async undoForm(token: string, request: FastifyRequest, errors: BadField[] = []): Promise<string> {
    const { email, undoUntil } = await this.queries.execute(new ReadAddressUndo(token));
    return this.pages.render('address-undo', { locale: localeOf(request), errors }, { email, undoUntil, token });
  }
}
