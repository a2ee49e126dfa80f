import { Controller, Delete, Get, Param, Patch, Post, type Type } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { TakesFile, UploadedFile } from '../../../shared/http/file-upload.js';
import { BodyOf, QueryOf } from '../../../shared/http/route-parameters.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import type { CountedPage } from '../../../shared/http/lists/pagination.js';
import { RegistrationFailed } from '../../../shared/registration/registration-failed.js';
import { CONTACT_FILE } from '../invite/contact-file/contact-file-limits.js';
import { ImportPreviewView } from '../invite/contact-file/import-preview.dto.js';
import { IMPORT_PREVIEW_CODES, PreviewImport } from '../invite/contact-file/import-preview.query.js';
import { type InvitationAnswer, SendInvitations } from '../invite/invite-people.command.js';
import { GetInvitation } from '../manage/get-invitation.query.js';
import { ChangeInvitation } from '../manage/change-invitation.command.js';
import {
  changeDto,
  type InvitationCallDto,
  type InvitationChangeDto,
  InvitationAnswerView,
  InvitationDto,
  InvitationListDto,
  InvitationPage,
  resendDto,
  TakesRecipients,
} from '../manage/invitation.dto.js';
import type { InvitationView } from '../manage/invitation-view.js';
import { ListInvitations } from '../manage/list-invitations.query.js';
import { ResendInvitation } from '../manage/resend-invitation.command.js';
import { RevokeInvitation } from '../manage/revoke-invitation.command.js';
import { withDeployments } from '../lists/within.dto.js';
import type { InvitationType, InvitedPlace } from './invitation-type.js';
import { pathUnder, ScopeId, scopeName } from '../../access/access.routes.contract.js';

/** The routes of a type: those under each scope that it invites to, and those of one invitation. */
export function invitationRoutes(type: InvitationType): Type[] {
  return [...type.routes.places.map((place) => routesUnder(type, place)), routesOfOne(type)];
}

function routesUnder({ kind, permissions, routes }: InvitationType, place: InvitedPlace): Type {
  const { scope } = place;
  if (place.listsBelow && permissions?.view !== permissions?.identify)
    throw new RegistrationFailed(
      `readers of the lists of ${kind} may not identify everybody, so no list includes others`,
    );
  const path = pathUnder(scope, routes.segment);
  const target = `${routes.invitees} ${scopeName(scope)}`;
  const ids = place.operationIds ?? {
    invite: `${routes.operations}Invite`,
    previewImport: `${routes.operations}PreviewImport`,
    list: `${routes.operations}List`,
  };
  const { notes = {}, codes = {} } = routes;
  const shared = codes.list ?? [];
  const query = place.listsBelow ? withDeployments(InvitationListDto) : InvitationListDto;

  @ApiTags(place.tag ?? routes.tag)
  @Controller('v1')
  class Routes {
    constructor(
      private readonly commands: CommandBus,
      private readonly queries: QueryBus,
    ) {}

    @Post(path)
    @TakesRecipients()
    @Operation({
      id: ids.invite,
      summary: `Invite ${target}`,
      description: notes.invite,
      needs: permissions?.manage,
      at: scope,
      answers: InvitationAnswerView,
      status: 201,
      codes: [
        ...(codes.invite ?? []),
        'scope-archived',
        'atomic-refused',
        'too-many-recipients',
        'quota-exceeded',
        'too-many-conflicts',
      ],
      idempotent: true,
    })
    async invite(
      @Actor() actor: string,
      @ScopeId(scope) id: string,
      @BodyOf(place.body ?? routes.body) dto: InvitationCallDto,
    ): Promise<InvitationAnswer> {
      return this.commands.execute(new SendInvitations(actor, kind, { kind: scope, id }, dto));
    }

    @Post(`${path}/import`)
    @TakesFile(CONTACT_FILE)
    @Operation({
      id: ids.previewImport,
      summary: 'Preview a contact file',
      description: 'Says what inviting each address would come to. Stores and sends nothing.',
      needs: permissions?.manage,
      at: scope,
      answers: ImportPreviewView,
      codes: [...shared, 'scope-archived', ...IMPORT_PREVIEW_CODES],
      storesNothing: true,
    })
    async previewImport(
      @Actor() actor: string,
      @ScopeId(scope) id: string,
      @UploadedFile() file: AsyncIterable<Uint8Array>,
    ): Promise<ImportPreviewView> {
      return this.queries.execute(new PreviewImport(actor, kind, { kind: scope, id }, file));
    }

    @Get(path)
    @Operation({
      id: ids.list,
      summary: `List invitations of ${target}`,
      description: notes.list,
      needs: permissions?.view,
      at: scope,
      answers: InvitationPage,
      codes: shared,
    })
    async list(
      @Actor() actor: string,
      @ScopeId(scope) id: string,
      @QueryOf(query) dto: ListInvitations['dto'],
    ): Promise<CountedPage<InvitationView>> {
      return this.queries.execute(new ListInvitations(actor, kind, { kind: scope, id }, dto));
    }
  }
  return named(Routes, `${ids.invite}Routes`);
}

function routesOfOne({ kind, permissions, routes, windows, ownCode = 'own-role' }: InvitationType): Type {
  const { operations, one, codes = {} } = routes;
  const path = `${one}s/:id`;
  const [listCodes, changeCodes] = [codes.list ?? [], codes.change ?? []];
  const byAlias = permissions !== undefined;

  @ApiTags(routes.tag)
  @Controller('v1')
  class Routes {
    constructor(
      private readonly commands: CommandBus,
      private readonly queries: QueryBus,
    ) {}

    @Get(path)
    @Operation({
      id: `${operations}Get`,
      summary: 'Get an invitation',
      needs: permissions?.view,
      at: one,
      byAlias,
      answers: InvitationDto,
      codes: listCodes,
    })
    async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<InvitationView> {
      return this.queries.execute(new GetInvitation(actor, kind, id));
    }

    @Post(`${path}/resend`)
    @Operation({
      id: `${operations}Resend`,
      summary: 'Resend an invitation',
      description: 'The mail has a new link. The old link stops working.',
      needs: permissions?.manage,
      at: one,
      byAlias,
      answers: InvitationDto,
      codes: [
        ...listCodes,
        'not-resendable',
        ...changeCodes,
        'scope-archived',
        'too-many-conflicts',
        'too-many-requests',
      ],
      idempotent: true,
    })
    async resend(
      @Actor() actor: string,
      @Param('id', uuidPipe) id: string,
      @BodyOf(resendDto(routes.resendBody, windows)) { expiresIn }: InvitationCallDto,
    ): Promise<InvitationView> {
      return this.commands.execute(new ResendInvitation(actor, kind, id, expiresIn));
    }

    @Patch(path)
    @Operation({
      id: `${operations}Change`,
      summary: 'Change a pending invitation',
      description:
        'Its link stays the same, and no mail is sent. You become its issuer. An acceptance that names the terms before is refused with `invitation-changed`.',
      needs: permissions?.manage,
      at: one,
      byAlias,
      answers: InvitationDto,
      codes: [...listCodes, ...(codes.invite ?? []), 'not-changeable', ownCode, 'scope-archived', 'too-many-conflicts'],
    })
    async change(
      @Actor() actor: string,
      @Param('id', uuidPipe) id: string,
      @BodyOf(changeDto(routes.change, windows)) dto: InvitationChangeDto,
    ): Promise<InvitationView> {
      return this.commands.execute(new ChangeInvitation(actor, kind, id, dto));
    }

    @Delete(path)
    @Operation({
      id: `${operations}Revoke`,
      summary: 'Revoke an invitation',
      description: 'The link stops working. The record stays.',
      needs: permissions?.manage,
      at: one,
      byAlias,
      codes: [...listCodes, 'not-revocable', ...changeCodes, 'scope-archived', 'too-many-conflicts'],
    })
    async revoke(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
      await this.commands.execute(new RevokeInvitation(actor, kind, id));
    }
  }
  return named(Routes, `${operations}Routes`);
}

/** Names the class of a route, because Nest's messages show that name. */
export function named(routes: Type, name: string): Type {
  return Object.defineProperty(routes, 'name', { value: name });
}
