import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
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
import { InvitePatients, InvitePatientsDto } from './invite-patients.command.js';
import { ListPatientInvitations } from './list-patient-invitations.query.js';
import { PATIENT_WINDOWS } from './patient-windows.js';
import { PreviewPatientImport } from './preview-patient-import.query.js';

class ResendPatientInvitationDto {
  @EnumField({ description: 'The same window as before unless given', of: PATIENT_WINDOWS, optional: true })
  expiresIn?: (typeof PATIENT_WINDOWS)[number];
}

@ApiTags('Patient invitations')
@Controller('v1')
export class PatientInvitationsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('deployments/:id/patient-invitations')
  @TakesRecipients()
  @Operation({
    summary: 'Invites patients to a deployment',
    needs: 'patients.manage',
    at: 'deployment',
    answers: InvitationAnswerView,
    status: 201,
    codes: ['scope-archived', 'atomic-refused', 'too-many-recipients', 'quota-exceeded', 'too-many-conflicts'],
    idempotent: true,
  })
  async invite(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: InvitePatientsDto,
  ): Promise<InvitationAnswerView> {
    return this.commands.execute(new InvitePatients(actor, id, dto));
  }

  @Post('deployments/:id/patient-invitations/import')
  @TakesFile(CONTACT_FILE)
  @Operation({
    summary: 'Reviews a contact file before its addresses are invited; stores and sends nothing',
    needs: 'patients.manage',
    at: 'deployment',
    answers: ImportPreviewView,
    codes: ['scope-archived', ...IMPORT_PREVIEW_CODES],
    storesNothing: true,
  })
  async previewImport(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @UploadedFile() file: AsyncIterable<Uint8Array>,
  ): Promise<ImportPreviewView> {
    return this.queries.execute(new PreviewPatientImport(actor, id, file));
  }

  @Get('deployments/:id/patient-invitations')
  @Operation({
    summary: "Lists invitations of a deployment's patients",
    needs: 'patients.view',
    at: 'deployment',
    answers: InvitationPage,
    description:
      'An address is shown to whoever may see identifiers and to whoever invited; `q` and sorting by address take patients.view-identifiers.',
  })
  async list(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: InvitationListDto,
  ): Promise<InvitationPage> {
    return this.queries.execute(new ListPatientInvitations(actor, id, dto));
  }

  @Get('patient-invitations/:id')
  @Operation({ summary: 'One invitation', needs: 'patients.view', at: 'patient-invitation', answers: InvitationDto })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<InvitationDto> {
    return this.queries.execute(new GetInvitation(actor, 'patient', id));
  }

  @Post('patient-invitations/:id/resend')
  @Operation({
    summary: 'Sends a new link; the old one is dead',
    needs: 'patients.manage',
    at: 'patient-invitation',
    answers: InvitationDto,
    codes: ['not-resendable', 'scope-archived', 'too-many-conflicts', 'too-many-requests'],
    idempotent: true,
  })
  async resend(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() { expiresIn }: ResendPatientInvitationDto,
  ): Promise<InvitationDto> {
    return this.commands.execute(new ResendInvitation(actor, 'patient', id, expiresIn));
  }

  @Delete('patient-invitations/:id')
  @Operation({
    summary: 'Withdraws an invitation; the record stays',
    needs: 'patients.manage',
    at: 'patient-invitation',
    codes: ['not-revocable', 'scope-archived', 'too-many-conflicts'],
  })
  async revoke(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new RevokeInvitation(actor, 'patient', id));
  }
}
