import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { ScopeRef } from '../../access/access.domain.contract.js';
import { EnumField } from '../../../shared/http/fields.js';
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
import type { ProblemCode } from '../../../shared/problems/problem-codes.js';
import { InviteStaff, InviteStaffDto } from './invite-staff.command.js';
import { ListStaffInvitations } from './list-staff-invitations.query.js';
import { PreviewStaffImport } from './preview-staff-import.query.js';
import { STAFF_WINDOWS } from './staff-invitation.policy.js';

class ResendStaffInvitationDto {
  @EnumField({ description: 'The same window as before unless given', of: STAFF_WINDOWS, optional: true })
  expiresIn?: (typeof STAFF_WINDOWS)[number];
}

export const INVITE_CODES: readonly ProblemCode[] = [
  'role-not-grantable',
  'role-not-for-scope',
  'scope-archived',
  'atomic-refused',
  'too-many-recipients',
  'quota-exceeded',
  'too-many-conflicts',
];

export const IMPORT_CODES: readonly ProblemCode[] = ['scope-archived', ...IMPORT_PREVIEW_CODES];

@ApiTags('Staff invitations')
@Controller('v1')
export class StaffInvitationsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('organisations/:id/staff-invitations')
  @TakesRecipients()
  @Operation({
    summary: 'Invites people to the staff of an organisation',
    needs: 'staff.manage',
    at: 'organisation',
    answers: InvitationAnswerView,
    status: 201,
    codes: INVITE_CODES,
    idempotent: true,
  })
  async inviteToOrganisation(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: InviteStaffDto,
  ): Promise<InvitationAnswerView> {
    return this.commands.execute(new InviteStaff(actor, organisation(id), dto));
  }

  @Post('organisations/:id/staff-invitations/import')
  @TakesFile(CONTACT_FILE)
  @Operation({
    summary: 'Reviews a contact file before its addresses are invited; stores and sends nothing',
    needs: 'staff.manage',
    at: 'organisation',
    answers: ImportPreviewView,
    codes: IMPORT_CODES,
    storesNothing: true,
  })
  async previewImportForOrganisation(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @UploadedFile() file: AsyncIterable<Uint8Array>,
  ): Promise<ImportPreviewView> {
    return this.queries.execute(new PreviewStaffImport(actor, organisation(id), file));
  }

  @Get('organisations/:id/staff-invitations')
  @Operation({
    summary: 'Lists invitations to the staff of an organisation',
    needs: 'staff.view',
    at: 'organisation',
    answers: InvitationPage,
  })
  async ofOrganisation(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: InvitationListDto,
  ): Promise<InvitationPage> {
    return this.queries.execute(new ListStaffInvitations(actor, organisation(id), dto));
  }

  @Post('deployments/:id/staff-invitations')
  @TakesRecipients()
  @Operation({
    summary: 'Invites people to the staff of a deployment',
    needs: 'staff.manage',
    at: 'deployment',
    answers: InvitationAnswerView,
    status: 201,
    codes: INVITE_CODES,
    idempotent: true,
  })
  async inviteToDeployment(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: InviteStaffDto,
  ): Promise<InvitationAnswerView> {
    return this.commands.execute(new InviteStaff(actor, deployment(id), dto));
  }

  @Post('deployments/:id/staff-invitations/import')
  @TakesFile(CONTACT_FILE)
  @Operation({
    summary: 'Reviews a contact file before its addresses are invited; stores and sends nothing',
    needs: 'staff.manage',
    at: 'deployment',
    answers: ImportPreviewView,
    codes: IMPORT_CODES,
    storesNothing: true,
  })
  async previewImportForDeployment(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @UploadedFile() file: AsyncIterable<Uint8Array>,
  ): Promise<ImportPreviewView> {
    return this.queries.execute(new PreviewStaffImport(actor, deployment(id), file));
  }

  @Get('deployments/:id/staff-invitations')
  @Operation({
    summary: 'Lists invitations to the staff of a deployment',
    needs: 'staff.view',
    at: 'deployment',
    answers: InvitationPage,
  })
  async ofDeployment(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: InvitationListDto,
  ): Promise<InvitationPage> {
    return this.queries.execute(new ListStaffInvitations(actor, deployment(id), dto));
  }

  @Get('staff-invitations/:id')
  @Operation({ summary: 'One invitation', needs: 'staff.view', at: 'staff-invitation', answers: InvitationDto })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<InvitationDto> {
    return this.queries.execute(new GetInvitation(actor, 'staff', id));
  }

  @Post('staff-invitations/:id/resend')
  @Operation({
    summary: 'Sends a new link; the old one is dead',
    needs: 'staff.manage',
    at: 'staff-invitation',
    answers: InvitationDto,
    codes: ['not-resendable', 'role-not-grantable', 'scope-archived', 'too-many-conflicts', 'too-many-requests'],
    idempotent: true,
  })
  async resend(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() { expiresIn }: ResendStaffInvitationDto,
  ): Promise<InvitationDto> {
    return this.commands.execute(new ResendInvitation(actor, 'staff', id, expiresIn));
  }

  @Delete('staff-invitations/:id')
  @Operation({
    summary: 'Withdraws an invitation; the record stays',
    needs: 'staff.manage',
    at: 'staff-invitation',
    codes: ['not-revocable', 'role-not-grantable', 'scope-archived', 'too-many-conflicts'],
  })
  async revoke(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new RevokeInvitation(actor, 'staff', id));
  }
}

function organisation(id: string): ScopeRef {
  return { kind: 'organisation', id };
}

function deployment(id: string): ScopeRef {
  return { kind: 'deployment', id };
}
