import { Controller, Param, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { requireContext } from '../../shared/event-store/request-context.js';
import { MaybeActor } from '../../shared/http/sign-in.guard.js';
import { AcceptOwnInvitation } from '../../shared/invitations/accept-own-invitation.command.js';
import { DeclineOwnInvitation } from '../../shared/invitations/decline-own-invitation.command.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { goTo, Page } from './page-routes.js';
import { Pages } from './pages.js';

/** How long it waits, so that the start page shows the new role. */
const PATIENCE_MS = 2000;

/** The buttons on the start page: a signed-in invitee's yes and no. */
@ApiExcludeController()
@Controller('me/invitations/:id')
export class OwnInvitationPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly pages: Pages,
    private readonly projections: ProjectionRunner,
  ) {}

  @Post('accept')
  @Page()
  async accept(@Param('id') id: string, @MaybeActor() viewer: string | null, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return this.answer(id, viewer, reply, async (actor) => this.commands.execute(new AcceptOwnInvitation(actor, id)));
  }

  @Post('decline')
  @Page()
  async decline(@Param('id') id: string, @MaybeActor() viewer: string | null, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return this.answer(id, viewer, reply, async (actor) => this.commands.execute(new DeclineOwnInvitation(actor, id)));
  }

  private async answer(id: string, viewer: string | null, reply: FastifyReply, work: (actor: string) => Promise<unknown>): Promise<string> {
    if (viewer === null) return goTo(reply, `${this.pages.base}/sign-in`);
    if (!isUUID(id)) throw new RuleBroken('not-found');
    await work(viewer);
    const { position } = requireContext();
    if (position !== undefined) await this.projections.reached(position, PATIENCE_MS);
    return goTo(reply, `${this.pages.base}/`);
  }
}
