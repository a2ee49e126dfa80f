import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authorization } from '../access/access.contract.js';
import { Actor, MaybeActor } from '../accounts/accounts.contract.js';
import { PLATFORM } from '../access/access.domain.contract.js';
import { MailTransport } from '../../shared/mail/mail-transport.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { Mailbox, type MailboxMail } from './mailbox.js';
import { Navigation } from './navigation.js';
import { localeOf } from './page-language.js';
import { allowFrames, goTo, Page } from './page-routes.js';
import { Pages } from './pages.js';

/**
 * The policy of a mail's own content: its layout has style attributes, and nothing in it runs or sends anything. The
 * sandbox holds also when somebody opens the address without the frame.
 */
const CONTENT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/** The pages of unsent mails, for super-admins of an installation without a mail server. */
@ApiExcludeController()
@Controller('mailbox')
export class MailboxController {
  constructor(
    private readonly authorization: Authorization,
    private readonly transport: MailTransport,
    private readonly mailbox: Mailbox,
    private readonly navigation: Navigation,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Page()
  async list(
    @MaybeActor() viewer: string | null,
    @Query('cursor') cursor: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (!(await this.maySee(viewer))) return this.toSignIn(reply, '/mailbox');
    const { items, nextCursor } = await this.mailbox.list(cursor);
    return this.pages.render('mailbox', await this.options(viewer, request), { mails: items, older: nextCursor });
  }

  @Get(':key')
  @Page()
  async show(
    @MaybeActor() viewer: string | null,
    @Param('key') key: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (!(await this.maySee(viewer))) return this.toSignIn(reply, isUUID(key) ? `/mailbox/${key}` : '/mailbox');
    const mail = await this.mailOf(key);
    allowFrames(reply);
    return this.pages.render('mail', await this.options(viewer, request), mail);
  }

  /** The content of a mail, for the frame of its page. */
  @Get(':key/content')
  @Page()
  async content(
    @Actor() viewer: string,
    @Param('key') key: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.maySee(viewer);
    const { html } = await this.mailOf(key);
    if (html === null) throw new RuleBroken('not-found');
    void reply.header('Content-Security-Policy', CONTENT_POLICY);
    return html;
  }

  private async mailOf(key: string): Promise<MailboxMail> {
    const mail = isUUID(key) ? await this.mailbox.find(key) : undefined;
    if (!mail) throw new RuleBroken('not-found');
    return mail;
  }

  /**
   * @returns whether a signed-in visitor may see the mailbox
   * @throws RuleBroken `not-found` in an installation with a mail server, `forbidden`
   */
  private async maySee(viewer: string | null): Promise<boolean> {
    if (!this.transport.isMailbox) throw new RuleBroken('not-found');
    if (viewer === null) return false;
    await this.authorization.requireSuperAdmin(viewer, PLATFORM);
    return true;
  }

  private async options(viewer: string | null, request: FastifyRequest) {
    return { locale: localeOf(request), nav: viewer === null ? null : await this.navigation.of(viewer, '/mailbox') };
  }

  private toSignIn(reply: FastifyReply, next: string): string {
    return goTo(reply, `${this.pages.base}/sign-in?next=${encodeURIComponent(next)}`);
  }
}
