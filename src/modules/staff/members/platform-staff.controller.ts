import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { TakesFile, UploadedFile } from '../../../shared/http/file-upload.js';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import {
  ImportPreviewView,
  InvitationAnswerView,
  InvitationListDto,
  InvitationPage,
  TakesRecipients,
} from '../../invitations/invitations.contract.js';
import { CONTACT_FILE } from '../../invitations/invitations.domain.contract.js';
import { InvitePlatformStaffDto, InviteStaff } from '../invitations/invite-staff.command.js';
import { ListStaff } from './list-staff.query.js';
import { ListStaffInvitations } from '../invitations/list-staff-invitations.query.js';
import { PreviewStaffImport } from '../invitations/preview-staff-import.query.js';
import { StaffListDto, StaffPage } from './staff.dto.js';
import { IMPORT_CODES, INVITE_CODES } from '../invitations/staff-invitations.controller.js';

/** The staff of the whole installation. One invitation and one member have the same addresses as everywhere else. */
@ApiTags('Platform staff')
@Controller('v1/platform')
export class PlatformStaffController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('staff-invitations')
  @TakesRecipients()
  @Operation({
    summary: 'Invites people to the staff of the platform: only super-admins may give its roles',
    needs: 'staff.manage',
    at: 'platform',
    answers: InvitationAnswerView,
    status: 201,
    codes: INVITE_CODES,
    idempotent: true,
  })
  async invite(@Actor() actor: string, @Body() dto: InvitePlatformStaffDto): Promise<InvitationAnswerView> {
    return this.commands.execute(new InviteStaff(actor, PLATFORM, dto));
  }

  @Post('staff-invitations/import')
  @TakesFile(CONTACT_FILE)
  @Operation({
    summary: 'Reviews a contact file before its addresses are invited; stores and sends nothing',
    needs: 'staff.manage',
    at: 'platform',
    answers: ImportPreviewView,
    codes: IMPORT_CODES,
    storesNothing: true,
  })
  async previewImport(
    @Actor() actor: string,
    @UploadedFile() file: AsyncIterable<Uint8Array>,
  ): Promise<ImportPreviewView> {
    return this.queries.execute(new PreviewStaffImport(actor, PLATFORM, file));
  }

  @Get('staff-invitations')
  @Operation({
    summary: 'Lists invitations to the staff of the platform',
    needs: 'staff.view',
    at: 'platform',
    answers: InvitationPage,
  })
  async invitations(@Actor() actor: string, @Query() dto: InvitationListDto): Promise<InvitationPage> {
    return this.queries.execute(new ListStaffInvitations(actor, PLATFORM, dto));
  }

  @Get('staff')
  @Operation({ summary: "Lists the platform's own staff", needs: 'staff.view', at: 'platform', answers: StaffPage })
  async staff(@Actor() actor: string, @Query() dto: StaffListDto): Promise<StaffPage> {
    return this.queries.execute(new ListStaff(actor, PLATFORM, dto));
  }
}
