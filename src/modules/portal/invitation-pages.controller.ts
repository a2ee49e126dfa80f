import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MaybeActor, Sessions, SignInDto } from '../accounts/accounts.contract.js';
import {
  type Accepted,
  AcceptInvitation,
  AcceptInvitationDto,
  DeclineInvitation,
  MailboxProof,
  type NewAccount,
} from '../invitations/invitations.contract.js';
import { sendCookies } from '../../shared/http/cookies.js';
import { CookieRoute, LinkRoute } from '../../shared/http/route-markers.js';
import { Origin } from '../../shared/http/links/origin.js';
import { ProblemCatalogue } from '../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import {
  badFields,
  badFieldsOf,
  isConfirmed,
  passwordText,
  signInErrors,
  termsIn,
  typed,
  type BadField,
} from './forms.js';
import { InvitationOffers } from './invitation-offer.js';
import { localeOf, rememberLocale } from './page-language.js';
import { answerAs, forgetPages, goTo, Page } from './page-routes.js';
import { Pages } from './pages.js';
import { OwnWrites } from './shell/own-writes.js';

/**
 * The codes after which the page shows the form again, in the present situation. The visitor signed in or out after the
 * page was shown, or made the account, or the offer was changed.
 */
const SHOW_AGAIN = ['account-exists', 'wrong-account', 'invitation-changed'];
const CHANGED: BadField = { field: 'terms', text: 'errors.invitation-changed' };

/** An acceptance by the form. */
interface Answer {
  token: string;
  viewer: string | null;
  account: NewAccount | null;
  /** The number of the terms on the page; absent on a page of an earlier version. */
  terms: number | undefined;
}

/** The page behind a mailed link. A GET changes no invitation, because mail scanners follow links. */
@ApiExcludeController()
@Controller('invitations/:token')
export class InvitationPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly offers: InvitationOffers,
    private readonly pages: Pages,
    private readonly sessions: Sessions,
    private readonly writes: OwnWrites,
    private readonly proof: MailboxProof,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get()
  @Page()
  async show(
    @Param('token') token: string,
    @MaybeActor() viewer: string | null,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    await this.useItsLocale(token, request);
    const page = await this.render(token, viewer, request);
    await this.proof.opened(token, viewer, request.headers);
    return page;
  }

  /** Other visitors see what became of the link. */
  @Get('welcome')
  @Page()
  async welcome(
    @Param('token') token: string,
    @MaybeActor() viewer: string | null,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.useItsLocale(token, request);
    const accepted = viewer === null ? null : await this.offers.accepted(token, viewer);
    if (accepted === null) return goTo(reply, this.addressOf(token));
    return this.pages.render('welcome', { locale: localeOf(request) }, accepted);
  }

  @Post('accept')
  @Page()
  @LinkRoute()
  @CookieRoute()
  async accept(
    @Param('token') token: string,
    @MaybeActor() viewer: string | null,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.useItsLocale(token, request);
    const terms = termsIn(body);
    if (viewer !== null) return this.takeUp({ token, viewer, account: null, terms }, request, reply);
    const account = typed(body, 'name', 'password');
    if ((await this.offers.read(token, null)).situation !== 'new-account')
      return this.takeUp({ token, viewer: null, account: null, terms }, request, reply);
    const bad = await badFields(AcceptInvitationDto, account);
    if (bad.length === 0) {
      try {
        return await this.takeUp({ token, viewer: null, account, terms }, request, reply);
      } catch (error) {
        const fields = badFieldsOf(error);
        if (!fields) throw error;
        bad.push(...fields);
      }
    }
    answerAs(reply, new RuleBroken('invalid-input'), this.problems);
    return this.render(
      token,
      null,
      request,
      bad.map(({ field, code }) => ({ field, text: field === 'name' ? 'errors.name' : passwordText(code) })),
      account.name,
    );
  }

  @Post('sign-in')
  @Page()
  @CookieRoute()
  async signIn(
    @Param('token') token: string,
    @MaybeActor() viewer: string | null,
    @Body() body: unknown,
    @Origin() origin: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.useItsLocale(token, request);
    const { situation, email } = await this.offers.read(token, viewer);
    if (situation !== 'sign-in') return goTo(reply, this.addressOf(token));
    const { password } = typed(body, 'password');
    if ((await badFields(SignInDto, { email, password })).length > 0) {
      answerAs(reply, new RuleBroken('invalid-input'), this.problems);
      return this.render(token, null, request, [{ field: 'password', text: 'errors.currentPassword' }]);
    }
    try {
      const { cookies } = await this.sessions.signIn(email, password, {
        origin,
        cookie: request.headers.cookie,
        userAgent: request.headers['user-agent'],
      });
      sendCookies(request, reply, cookies);
    } catch (error) {
      const errors = signInErrors(error, 'errors.signInFailedHere');
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.render(token, null, request, errors);
    }
    return goTo(reply, this.addressOf(token));
  }

  @Post('sign-out')
  @Page()
  @CookieRoute()
  async signOut(
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    sendCookies(request, reply, await this.sessions.signOut({ cookie: request.headers.cookie }));
    forgetPages(reply);
    return goTo(reply, this.addressOf(token));
  }

  @Post('decline')
  @Page()
  @LinkRoute()
  async decline(
    @Param('token') token: string,
    @MaybeActor() viewer: string | null,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.useItsLocale(token, request);
    return this.orAgain(token, viewer, request, reply, async () => {
      if (!isConfirmed(body)) {
        const path = `/invitations/${token}`;
        return this.pages.render(
          'decline',
          { locale: localeOf(request) },
          { ...(await this.offers.toDecline(token, viewer)), path, back: path },
        );
      }
      await this.commands.execute(new DeclineInvitation(token, viewer));
      return this.pages.render('declined', { locale: localeOf(request) }, {});
    });
  }

  /** Redirects a browser that opens the address of a form by GET. */
  @Get(['accept', 'sign-in', 'sign-out', 'decline'])
  @Page()
  toTheForm(@Param('token') token: string, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, this.addressOf(token));
  }

  private async takeUp(
    { token, viewer, account, terms }: Answer,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string> {
    return this.orAgain(token, viewer, request, reply, async () => {
      const accepted: Accepted = await this.commands.execute(
        new AcceptInvitation(token, viewer, account, request.headers['user-agent'], terms),
      );
      if (accepted.session) sendCookies(request, reply, accepted.session.cookies);
      await this.writes.shown();
      return goTo(reply, `${this.addressOf(token)}/welcome`);
    });
  }

  private async orAgain(
    token: string,
    viewer: string | null,
    request: FastifyRequest,
    reply: FastifyReply,
    attempt: () => Promise<string>,
  ): Promise<string> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RuleBroken) || !SHOW_AGAIN.includes(error.code)) throw error;
      answerAs(reply, error, this.problems);
      return this.render(token, viewer, request, error.code === 'invitation-changed' ? [CHANGED] : []);
    }
  }

  private async render(
    token: string,
    viewer: string | null,
    request: FastifyRequest,
    errors: BadField[] = [],
    name = '',
  ): Promise<string> {
    return this.pages.render(
      'invitation',
      { locale: localeOf(request), errors },
      { ...(await this.offers.read(token, viewer)), name },
    );
  }

  private async useItsLocale(token: string, request: FastifyRequest): Promise<void> {
    const locale = await this.offers.localeOf(token);
    if (locale) rememberLocale(request, locale);
  }

  private addressOf(token: string): string {
    return `${this.pages.base}/invitations/${encodeURIComponent(token)}`;
  }
}
