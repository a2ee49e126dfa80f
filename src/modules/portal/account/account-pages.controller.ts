import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Origin } from '../../../shared/http/links/origin.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import {
  ChangeName,
  ChangeNameDto,
  MaybeActor,
  RequestAddressChange,
  RequestAddressChangeDto,
} from '../../accounts/accounts.contract.js';
import { GetMe } from '../../me/me.contract.js';
import { badFieldsOf, mustBeValid, typed, type BadField } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { accountTabs } from './account-tabs.js';
import { wrongPassword } from './password-pages.controller.js';

/** What the page says after a change. */
const SAVED = ['name', 'address'] as const;

/** A person's name and e-mail address. */
@ApiExcludeController()
@Controller('account')
export class AccountPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly writes: OwnWrites,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get()
  @Page()
  async show(
    @MaybeActor() viewer: string | null,
    @Query('saved') saved: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    if (viewer === null)
      return this.pages.render('sign-in', { locale: localeOf(request) }, { next: '/account', email: '' });
    return this.render({ viewer, request, saved: SAVED.find((each) => each === saved) ?? null });
  }

  /** A browser that opens a form's address without sending it lands here. */
  @Get(['name', 'address'])
  @Page()
  toTheForms(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}/account`);
  }

  @Post('name')
  @Page()
  async changeName(
    @MaybeActor() viewer: string | null,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return this.toSignIn(reply);
    const fields = typed(body, 'name');
    try {
      const { name } = await mustBeValid(ChangeNameDto, fields);
      await this.commands.execute(new ChangeName(viewer, name));
    } catch (error) {
      if (!badFieldsOf(error)) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      const errors: BadField[] = [{ field: 'name', text: 'errors.name' }];
      return this.render({ viewer, request, errors, typedName: fields.name });
    }
    await this.writes.shown();
    return goTo(reply, `${this.pages.base}/account?saved=name`);
  }

  @Post('address')
  @Page()
  async changeAddress(
    @MaybeActor() viewer: string | null,
    @Body() body: unknown,
    @Origin() origin: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return this.toSignIn(reply);
    const { address, addressPassword } = typed(body, 'address', 'addressPassword');
    try {
      const { email, password } = { email: address, password: addressPassword };
      await mustBeValid(RequestAddressChangeDto, { email, password });
      const place = { origin, cookie: request.headers.cookie };
      await this.commands.execute(new RequestAddressChange(viewer, email, password, localeOf(request), place));
    } catch (error) {
      const errors = addressErrors(error);
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.render({ viewer, request, errors, newAddress: address });
    }
    return goTo(reply, `${this.pages.base}/account?saved=address`);
  }

  private toSignIn(reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}/sign-in?next=/account`);
  }

  private async render(shown: Shown): Promise<string> {
    const { viewer, request, errors = [], saved = null, typedName, newAddress = '' } = shown;
    const [me, nav] = await Promise.all([
      this.queries.execute(new GetMe(viewer)),
      this.navigation.of(viewer, '/account'),
    ]);
    const view = {
      accountTabs: accountTabs(''),
      typedName: typedName ?? me.name ?? '',
      email: me.email,
      newAddress,
      saved,
    };
    return this.pages.render('account', { locale: localeOf(request), errors, nav }, view);
  }
}

/** What the page shows, and to whom. */
interface Shown {
  viewer: string;
  request: FastifyRequest;
  errors?: BadField[];
  /** What a form has changed. */
  saved?: (typeof SAVED)[number] | null;
  /** A refused name, which the form shows again. */
  typedName?: string;
  /** A refused address, which the form shows again. */
  newAddress?: string;
}

/** The field errors of a refused change of the address; null for any other error. */
function addressErrors(error: unknown): BadField[] | null {
  const bad = badFieldsOf(error);
  if (bad)
    return bad.map(({ field }) =>
      field === 'email'
        ? { field: 'address', text: 'errors.newAddress' }
        : { field: 'addressPassword', text: 'errors.currentPassword' },
    );
  return wrongPassword(error, 'addressPassword');
}
