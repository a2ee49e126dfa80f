import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  changeDto,
  ChangeInvitation,
  ResendInvitation,
  RevokeInvitation,
} from '../../invitations/invitations.contract.js';
import { OBSERVER_WINDOWS } from '../../observers/observers.contract.js';
import { PATIENT_WINDOWS } from '../../patients/patients.contract.js';
import { checked, typed } from '../forms.js';
import { goTo, Page } from '../page-routes.js';
import { Pages } from '../pages.js';
import { OwnWrites } from '../shell/own-writes.js';
import { At } from '../shell/place-routes.js';
import { doAndSay } from '../staff/done-or-failed.js';
import { forEachInviting, forPatientsAndObservers, invitationsAt, Whom, type Inviting } from './inviting.js';

const FORMS = ['resend', 'delete'].flatMap((form) => forEachInviting(`invitations/:invitationId/${form}`));

const CHANGE = forPatientsAndObservers('invitations/:invitationId/change');
/** The change of an invitation without a role, by kind. */
const DTOS = {
  patient: changeDto({ body: 'ChangePatientInvitationDto' }, PATIENT_WINDOWS),
  observer: changeDto({ body: 'ChangeObserverInvitationDto' }, OBSERVER_WINDOWS),
};

/** What a form of a row is about. */
interface Sent {
  whom: Inviting;
  ref: ScopeRef;
  id: string;
  reply: FastifyReply;
}

/** The menu of an invitation in a list: send it again, delete it, or change how long it is valid. */
@ApiExcludeController()
@Controller()
export class InvitationMenuPagesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly pages: Pages,
    private readonly writes: OwnWrites,
  ) {}

  /** Redirects a browser that opens the address of a form by GET. */
  @Get([...FORMS, ...CHANGE])
  @Page()
  toTheList(@Whom() whom: Inviting, @At() ref: ScopeRef, @Res({ passthrough: true }) reply: FastifyReply): string {
    return goTo(reply, `${this.pages.base}${invitationsAt(ref, whom)}`);
  }

  @Post(FORMS)
  @Page()
  async resendOrDelete(
    @Actor() viewer: string,
    @Whom() whom: Inviting,
    @At() ref: ScopeRef,
    @Param('invitationId') id: string,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const resends = /\/resend(?:\?.*)?$/.test(url);
    return this.done(resends ? 'resent' : 'deleted', { whom, ref, id, reply }, async () =>
      resends
        ? this.commands.execute(new ResendInvitation(viewer, whom.kind, id, undefined))
        : this.commands.execute(new RevokeInvitation(viewer, whom.kind, id)),
    );
  }

  @Post(CHANGE)
  @Page()
  async change(
    @Actor() viewer: string,
    @Whom() whom: Inviting,
    @At() ref: ScopeRef,
    @Param('invitationId') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.done('altered', { whom, ref, id, reply }, async () => {
      const dto = await checked(DTOS[whom.kind === 'observer' ? 'observer' : 'patient'], typed(body, 'expiresIn'));
      return this.commands.execute(new ChangeInvitation(viewer, whom.kind, id, dto));
    });
  }

  private async done(deed: string, { whom, ref, id, reply }: Sent, work: () => Promise<unknown>): Promise<string> {
    if (!isUUID(id)) throw new RuleBroken('not-found');
    const list = (done?: string): string => `${this.pages.base}${invitationsAt(ref, whom, done)}`;
    return doAndSay(reply, { page: list(), done: list(deed) }, async () => {
      await work();
      await this.writes.shown();
    });
  }
}
