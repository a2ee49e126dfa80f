import { Body, Controller, Get, Header, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MaybeActor } from '../accounts/accounts.contract.js';
import { AcceptOwnInvitation, DeclineOwnInvitation } from '../invitations/invitations.contract.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { isConfirmed, termsIn } from './forms.js';
import { InvitationOffers } from './invitation-offer.js';
import { localeOf } from './page-language.js';
import { goTo, Page } from './page-routes.js';
import { Pages } from './pages.js';
import { OwnWrites } from './shell/own-writes.js';
import { pathOf } from './shell/place.js';

/** The buttons on the start page by which a signed-in invitee accepts or declines. */
@ApiExcludeController()
@Controller('me/invitations/:id')
export class OwnInvitationPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly offers: InvitationOffers,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
  ) {}

  @Post('accept')
  @Page()
  async accept(
    @Param('id') id: string,
    @MaybeActor() viewer: string | null,
    @Body() body: unknown,
    @Req() { headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.answer(id, viewer, reply, async (actor) => {
      const { kind, scope } = await this.commands.execute(new AcceptOwnInvitation(actor, id, headers, termsIn(body)));
      return this.goAfterWrite(reply, kind === 'groupMember' ? `${pathOf(scope)}?done=joined` : '/');
    });
  }

  @Post('decline')
  @Page()
  // With this policy the browser sends the confirming form's origin, as it does for the start page's forms.
  @Header('Referrer-Policy', 'same-origin')
  async decline(
    @Param('id') id: string,
    @MaybeActor() viewer: string | null,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.answer(id, viewer, reply, async (actor) => {
      if (!isConfirmed(body)) {
        return this.pages.render(
          'decline',
          { locale: localeOf(request) },
          { ...(await this.offers.ownToDecline(actor, id)), path: `/me/invitations/${id}`, back: '/' },
        );
      }
      await this.commands.execute(new DeclineOwnInvitation(actor, id));
      return this.goAfterWrite(reply, '/');
    });
  }

  /** Redirects a browser that opens the address of a button by GET. */
  @Get(['accept', 'decline'])
  @Page()
  toTheButtons(@Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}/`);
  }

  private async answer(
    id: string,
    viewer: string | null,
    reply: FastifyReply,
    work: (actor: string) => Promise<string>,
  ): Promise<string> {
    if (viewer === null) return goTo(reply, `${this.pages.base}/sign-in`);
    if (!isUUID(id)) throw new RuleBroken('not-found');
    return work(viewer);
  }

  private async goAfterWrite(reply: FastifyReply, path: string): Promise<string> {
    await this.writes.shown();
    return goTo(reply, `${this.pages.base}${path}`);
  }
}
