import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Origin } from '../../../shared/http/links/origin.js';
import { MAX_LIMIT } from '../../../shared/http/lists/pagination.js';
import { ProblemCatalogue } from '../../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import {
  ChangeName,
  ChangeNameDto,
  ChangePassword,
  ChangePasswordDto,
  EndOtherSessions,
  EndSession,
  ListSessions,
  MaybeActor,
  RequestAddressChange,
  RequestAddressChangeDto,
  SessionId,
} from '../../accounts/accounts.contract.js';
import { GetMe } from '../../me/me.contract.js';
import { badFieldsOf, mustBeValid, passwordText, signInErrors, typed, type BadField } from '../forms.js';
import { Navigation } from '../navigation.js';
import { localeOf } from '../page-language.js';
import { answerAs, goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';

/** What a page says after a change. */
const SAVED = ['name', 'address', 'password', 'session', 'sessions'] as const;

/** The account of a signed-in person: its name, its password, and where it is signed in. */
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
    @SessionId() sessionId: string | null,
    @Query('saved') saved: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    if (viewer === null)
      return this.pages.render('sign-in', { locale: localeOf(request) }, { next: '/account', email: '' });
    return this.render({ viewer, sessionId, request, saved: SAVED.find((each) => each === saved) ?? null });
  }

  /** A browser that opens a form's address without sending it lands here. */
  @Get(['name', 'address', 'password', 'sessions/end', 'sessions/:id/end'])
  @Page()
  toTheForms(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}/account`);
  }

  @Post('name')
  @Page()
  async changeName(
    @MaybeActor() viewer: string | null,
    @SessionId() sessionId: string | null,
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
      return this.render({ viewer, sessionId, request, errors, typedName: fields.name });
    }
    await this.writes.shown();
    return goTo(reply, `${this.pages.base}/account?saved=name`);
  }

  @Post('address')
  @Page()
  async changeAddress(
    @MaybeActor() viewer: string | null,
    @SessionId() sessionId: string | null,
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
      return this.render({ viewer, sessionId, request, errors, newAddress: address });
    }
    return goTo(reply, `${this.pages.base}/account?saved=address`);
  }

  @Post('password')
  @Page()
  async changePassword(
    @MaybeActor() viewer: string | null,
    @SessionId() sessionId: string | null,
    @Body() body: unknown,
    @Origin() origin: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return this.toSignIn(reply);
    const { currentPassword, password } = typed(body, 'currentPassword', 'password');
    try {
      await mustBeValid(ChangePasswordDto, { currentPassword, password });
      const place = { origin, cookie: request.headers.cookie };
      await this.commands.execute(new ChangePassword(viewer, sessionId, currentPassword, password, place));
    } catch (error) {
      const errors = passwordErrors(error);
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.render({ viewer, sessionId, request, errors });
    }
    return goTo(reply, `${this.pages.base}/account?saved=password`);
  }

  @Post('sessions/end')
  @Page()
  async endOthers(
    @MaybeActor() viewer: string | null,
    @SessionId() sessionId: string | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return this.toSignIn(reply);
    await this.commands.execute(new EndOtherSessions(viewer, sessionId));
    return goTo(reply, `${this.pages.base}/account?saved=sessions#sessions`);
  }

  @Post('sessions/:id/end')
  @Page()
  async end(
    @MaybeActor() viewer: string | null,
    @Param('id', uuidPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (viewer === null) return this.toSignIn(reply);
    await this.commands.execute(new EndSession(viewer, id));
    return goTo(reply, `${this.pages.base}/account?saved=session#sessions`);
  }

  private toSignIn(reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}/sign-in?next=/account`);
  }

  private async render(shown: Shown): Promise<string> {
    const { viewer, sessionId, request, errors = [], saved = null, typedName, newAddress = '' } = shown;
    const [me, sessions, nav] = await Promise.all([
      this.queries.execute(new GetMe(viewer)),
      this.queries.execute(new ListSessions(viewer, sessionId, { limit: MAX_LIMIT })),
      this.navigation.of(viewer, '/account'),
    ]);
    const view = {
      typedName: typedName ?? me.name ?? '',
      email: me.email,
      newAddress,
      sessions: sessions.items,
      hasOthers: sessions.items.length > 1,
      saved,
    };
    return this.pages.render('account', { locale: localeOf(request), errors, nav }, view);
  }
}

/** What the page shows, and to whom. */
interface Shown {
  viewer: string;
  sessionId: string | null;
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
function wrongPassword(error: unknown, field: string): BadField[] | null {
  if (error instanceof RuleBroken && error.code === 'wrong-password')
    return [{ field, text: 'errors.signInFailedHere' }];
  return signInErrors(error, 'errors.signInFailedHere')?.map((each) => ({ ...each, field })) ?? null;
}
