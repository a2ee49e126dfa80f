import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MAX_LIMIT } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { ResendInvitation, RevokeInvitation } from '../../invitations/invitations.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { listed, typed } from '../forms.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { inEachPlace } from '../shell/place-routes.js';

/** The form under the list of invitations, which resends or deletes those that are selected. */
@ApiExcludeController()
@Controller()
export class SelectedInvitationPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
  ) {}

  /** Redirects a browser that opens the address of the form by GET. */
  @Get(inEachPlace('staff/invitations/selected'))
  @Page()
  toTheList(@Req() { url }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${listOf(url)}`);
  }

  /** Each invitation is a command of its own, so one that is refused leaves the others. */
  @Post(inEachPlace('staff/invitations/selected'))
  @Page()
  async change(
    @Actor() viewer: string,
    @Body() body: unknown,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const page = `${this.pages.base}${listOf(url)}`;
    const isDeleting = typed(body, 'deed').deed === 'delete';
    const ids = [...new Set(listed(body, 'ids'))].filter((id) => isUUID(id)).slice(0, MAX_LIMIT);
    if (ids.length === 0) return goTo(reply, `${page}?failed=nothing-selected`);
    let done = 0;
    for (const id of ids) {
      const command = isDeleting
        ? new RevokeInvitation(viewer, 'staff', id)
        : new ResendInvitation(viewer, 'staff', id, undefined);
      if (await this.isDone(command)) done += 1;
    }
    await this.writes.shown();
    const deed = isDeleting ? 'selected-deleted' : 'selected-resent';
    return goTo(reply, `${page}?done=${deed}&count=${String(done)}&refused=${String(ids.length - done)}`);
  }

  /** @returns false when a rule refused it @throws any other error */
  private async isDone(command: RevokeInvitation | ResendInvitation): Promise<boolean> {
    try {
      await this.commands.execute(command);
      return true;
    } catch (error) {
      if (error instanceof RuleBroken) return false;
      throw error;
    }
  }
}

/** The path of the list, from the address of its form. */
function listOf(url: string): string {
  return url.replace(/\/selected(?:\?.*)?$/, '');
}
