import { Body, Controller, Get, Header, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requireContext } from '../../shared/request-context/request-context.js';
import { MaybeActor } from '../accounts/accounts.contract.js';
import { AcceptOwnInvitation, DeclineOwnInvitation } from '../invitations/invitations.contract.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { isConfirmed } from './forms.js';
import { InvitationOffers } from './invitation-offer.js';
import { localeOf } from './page-language.js';
import { goTo, Page } from './page-routes.js';
import { Pages } from './pages.js';

/** How long it waits for the read models, so that the start page shows the new role. */
const PATIENCE_MS = 2000;

/** The buttons on the start page: a signed-in invitee accepts or declines. */
@ApiExcludeController()
@Controller('me/invitations/:id')
export class OwnInvitationPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly offers: InvitationOffers,
    private readonly pages: Pages,
    private readonly projections: ProjectionRunner,
  ) {}

  @Post('accept')
  @Page()
  async accept(
    @Param('id') id: string,
    @MaybeActor() viewer: string | null,
    @Req() { headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.answer(id, viewer, reply, async (actor) => {
      await this.commands.execute(new AcceptOwnInvitation(actor, id, headers));
      return this.startPage(reply);
    });
  }

  @Post('decline')
  @Page()
  // The confirming form then names its origin, as the start page's forms do.
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
      return this.startPage(reply);
    });
  }

  /** A browser that opens a button's address without pressing it lands here. */
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

  private async startPage(reply: FastifyReply): Promise<string> {
    const { position } = requireContext();
    if (position !== undefined) await this.projections.reached(position, PATIENCE_MS);
    return goTo(reply, `${this.pages.base}/`);
  }
}
