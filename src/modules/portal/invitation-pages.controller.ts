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
import { requireContext } from '../../shared/request-context/request-context.js';
import { sendCookies } from '../../shared/http/cookies.js';
import { CookieRoute, LinkRoute } from '../../shared/http/route-markers.js';
import { Origin } from '../../shared/http/links/origin.js';
import { ProblemCatalogue } from '../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { badFields, badFieldsOf, isConfirmed, passwordText, signInErrors, typed, type BadField } from './forms.js';
import { InvitationOffers } from './invitation-offer.js';
import { localeOf, rememberLocale } from './page-language.js';
import { answerAs, goTo, Page } from './page-routes.js';
import { Pages } from './pages.js';

/** How long the welcome page waits for the read models, so that the start page shows the new role. */
const PATIENCE_MS = 2000;
/**
 * Since the form was shown, the visitor signed in or out, or the account was made. The form is shown again with the
 * present state.
 */
const SHOW_AGAIN = ['account-exists', 'wrong-account'];

/** The page behind a mailed link. Reading it changes nothing, because mail scanners follow links. */
@ApiExcludeController()
@Controller('invitations/:token')
export class InvitationPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly offers: InvitationOffers,
    private readonly pages: Pages,
    private readonly sessions: Sessions,
    private readonly projections: ProjectionRunner,
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
    if (viewer !== null) return this.takeUp(token, viewer, null, request, reply);
    const account = typed(body, 'name', 'password');
    if ((await this.offers.read(token, null)).situation !== 'new-account')
      return this.takeUp(token, null, null, request, reply);
    const bad = await badFields(AcceptInvitationDto, account);
    if (bad.length === 0) {
      try {
        return await this.takeUp(token, null, account, request, reply);
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
      const { cookies } = await this.sessions.signIn(email, password, { origin, cookie: request.headers.cookie });
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

  /** A browser that opens a form's address without the form lands here. */
  @Get(['accept', 'sign-in', 'sign-out', 'decline'])
  @Page()
  toTheForm(@Param('token') token: string, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, this.addressOf(token));
  }

  private async takeUp(
    token: string,
    viewer: string | null,
    account: NewAccount | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string> {
    return this.orAgain(token, viewer, request, reply, async () => {
      const accepted: Accepted = await this.commands.execute(new AcceptInvitation(token, viewer, account));
      if (accepted.session) sendCookies(request, reply, accepted.session.cookies);
      const { position } = requireContext();
      if (position !== undefined) await this.projections.reached(position, PATIENCE_MS);
      return this.pages.render('welcome', { locale: localeOf(request) }, await this.offers.accepted(token));
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
      return this.render(token, viewer, request);
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
