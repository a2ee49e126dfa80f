import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { TakesFile, UploadedFile } from '../../../shared/http/file-upload.js';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  ImportPreviewView,
  GetInvitation,
  InvitationAnswerView,
  InvitationDto,
  InvitationListDto,
  InvitationPage,
  ResendInvitation,
  IMPORT_PREVIEW_CODES,
  RevokeInvitation,
  TakesRecipients,
} from '../../invitations/invitations.contract.js';
import { CONTACT_FILE } from '../../invitations/invitations.domain.contract.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { InviteGroupMembersDto, NetworkDto, NetworkPage, ResendGroupInvitationDto } from './group-invitation.dto.js';
import { InviteGroupMembers } from './invite-group-members.command.js';
import { ListGroupInvitations } from './list-group-invitations.query.js';
import { ListGroupNetwork } from './list-group-network.query.js';
import { PreviewGroupImport } from './preview-group-import.query.js';

/** For a group's administrators, and for account administrators who appoint one. */
@ApiTags('Group invitations')
@Controller('v1')
export class GroupInvitationsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('groups/:id/invitations')
  @TakesRecipients()
  @Operation({
    summary:
      'Invites people to a group, by address or picked from the network: its administrators; account administrators invite administrators. Picking takes a role in the organisation',
    at: 'group',
    answers: InvitationAnswerView,
    status: 201,
    codes: [
      'forbidden',
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
    @Param('id', uuidPipe) id: string,
    @Body() dto: InviteGroupMembersDto,
  ): Promise<InvitationAnswerView> {
    return this.commands.execute(new InviteGroupMembers(actor, id, dto));
  }

  @Post('groups/:id/invitations/import')
  @TakesFile(CONTACT_FILE)
  @Operation({
    summary: 'Reviews a contact file before its addresses are invited; stores and sends nothing',
    at: 'group',
    answers: ImportPreviewView,
    codes: ['forbidden', 'scope-archived', ...IMPORT_PREVIEW_CODES],
    storesNothing: true,
  })
  async previewImport(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @UploadedFile() file: AsyncIterable<Uint8Array>,
  ): Promise<ImportPreviewView> {
    return this.queries.execute(new PreviewGroupImport(actor, id, file));
  }

  @Get('groups/:id/invitations')
  @Operation({
    summary: 'Lists invitations to a group: its administrators and account administrators',
    at: 'group',
    answers: InvitationPage,
    codes: ['forbidden'],
  })
  async list(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: InvitationListDto,
  ): Promise<InvitationPage> {
    return this.queries.execute(new ListGroupInvitations(actor, id, dto));
  }

  @Get('groups/:id/network')
  @Operation({
    summary:
      "Staff and group members of the organisation who aren't in the group, by name: for who may invite to it and has a role in the organisation",
    at: 'group',
    answers: NetworkPage,
    codes: ['forbidden'],
  })
  async network(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: NetworkDto,
  ): Promise<NetworkPage> {
    return this.queries.execute(new ListGroupNetwork(actor, id, dto));
  }

  @Get('group-invitations/:id')
  @Operation({ summary: 'One invitation', at: 'group-invitation', answers: InvitationDto, codes: ['forbidden'] })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<InvitationDto> {
    return this.queries.execute(new GetInvitation(actor, 'groupMember', id));
  }

  @Post('group-invitations/:id/resend')
  @Operation({
    summary: 'Sends a new link; the old one is dead',
    at: 'group-invitation',
    answers: InvitationDto,
    codes: ['forbidden', 'not-resendable', 'scope-archived', 'too-many-conflicts', 'too-many-requests'],
    idempotent: true,
  })
  async resend(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() { expiresIn }: ResendGroupInvitationDto,
  ): Promise<InvitationDto> {
    return this.commands.execute(new ResendInvitation(actor, 'groupMember', id, expiresIn));
  }

  @Delete('group-invitations/:id')
  @Operation({
    summary: 'Withdraws an invitation; the record stays',
    at: 'group-invitation',
    codes: ['forbidden', 'not-revocable', 'scope-archived', 'too-many-conflicts'],
  })
  async revoke(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new RevokeInvitation(actor, 'groupMember', id));
  }
}
