import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MaybeActor, Sessions, SignInDto } from '../accounts/accounts.contract.js';
import { ListGroupsWithoutAdministrator } from '../groups/groups.contract.js';
import { sendCookies } from '../../shared/http/cookies.js';
import { CookieRoute } from '../../shared/http/route-markers.js';
import { Origin } from '../../shared/http/links/origin.js';
import { ProblemCatalogue } from '../../shared/problems/problem-catalogue.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { badFields, signInErrors, typed, type BadField } from './forms.js';
import { localPath } from './local-path.js';
import { Navigation } from './navigation.js';
import { localeOf } from './page-language.js';
import { answerAs, forgetPages, goTo, Page } from './page-routes.js';
import { Pages } from './pages.js';
import { WaitingInvitations } from './shell/waiting-invitations.js';
import { StartPage } from './start-page.js';

/** The start page, and the forms to sign in and out. */
@ApiExcludeController()
@Controller()
export class HomeController {
  constructor(
    private readonly queries: QueryBus,
    private readonly startPage: StartPage,
    private readonly pages: Pages,
    private readonly sessions: Sessions,
    private readonly navigation: Navigation,
    private readonly waitingInvitations: WaitingInvitations,
    private readonly problems: ProblemCatalogue,
  ) {}

  @Get()
  @Page()
  async home(@MaybeActor() viewer: string | null, @Req() request: FastifyRequest): Promise<string> {
    if (viewer === null) return this.signInPage(request, '');
    const [view, nav] = await Promise.all([
      this.startPage.of(viewer, request.headers),
      this.navigation.of(viewer, '/'),
    ]);
    const waiting = nav.place ? await this.waitingInvitations.in(viewer, nav.place) : [];
    const placeName = nav.place?.name ?? null;
    const orphanGroups =
      nav.place?.kind === 'organisation'
        ? await this.queries.execute(new ListGroupsWithoutAdministrator(viewer, nav.place.id))
        : [];
    return this.pages.render('home', { locale: localeOf(request), nav }, { ...view, waiting, orphanGroups, placeName });
  }

  @Get('sign-in')
  @Page()
  showSignIn(
    @MaybeActor() viewer: string | null,
    @Query('next') next: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    const path = localPath(typeof next === 'string' ? next : '');
    return viewer === null ? this.signInPage(request, path) : goTo(reply, `${this.pages.base}${path}`);
  }

  @Post('sign-in')
  @Page()
  @CookieRoute()
  async signIn(
    @Body() body: unknown,
    @Origin() origin: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { email, password, next } = typed(body, 'email', 'password', 'next');
    const path = localPath(next);
    const bad = await badFields(SignInDto, { email, password });
    if (email.trim() === '' && !bad.some(({ field }) => field === 'email')) bad.unshift({ field: 'email' });
    if (bad.length > 0) {
      answerAs(reply, new RuleBroken('invalid-input'), this.problems);
      return this.signInPage(
        request,
        path,
        email,
        bad.map(({ field }) => ({ field, text: field === 'email' ? 'errors.email' : 'errors.currentPassword' })),
      );
    }
    try {
      const { cookies } = await this.sessions.signIn(email, password, {
        origin,
        cookie: request.headers.cookie,
        userAgent: request.headers['user-agent'],
      });
      sendCookies(request, reply, cookies);
    } catch (error) {
      const errors = signInErrors(error, 'errors.signInFailed');
      if (!errors) throw error;
      answerAs(reply, error as RuleBroken, this.problems);
      return this.signInPage(request, path, email, errors);
    }
    return goTo(reply, `${this.pages.base}${path}`);
  }

  @Post('sign-out')
  @Page()
  @CookieRoute()
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    sendCookies(request, reply, await this.sessions.signOut({ cookie: request.headers.cookie }));
    forgetPages(reply);
    return goTo(reply, `${this.pages.base}/`);
  }

  /** Redirects to the start page, which has the form. */
  @Get('sign-out')
  @Page()
  showSignOut(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}/`);
  }

  private signInPage(request: FastifyRequest, next: string, email = '', errors: BadField[] = []): string {
    return this.pages.render('sign-in', { locale: localeOf(request), errors }, { next, email });
  }
}
