import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { Origin } from '../../../shared/http/links/origin.js';
import { PageDto } from '../../../shared/http/lists/page.dto.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import type { ProblemCode } from '../../../shared/problems/problem-codes.js';
import { CreatePatientLink } from './create-patient-link.command.js';
import { RevokePatientLink } from './revoke-patient-link.command.js';
import { GetPatientLink } from './get-patient-link.query.js';
import { GetPatientLinkUrl } from './get-patient-link-url.query.js';
import { ListPatientLinks } from './list-patient-links.query.js';
import {
  CreatedPatientLink,
  CreatePatientLinkDto,
  OpenedPatientLink,
  PatientLinkDetails,
  PatientLinkPage,
  PatientLinkUrl,
  RequestTaken,
  RequestThroughLinkDto,
} from './patient-link.dto.js';
import { ReadPatientLink } from './read-patient-link.query.js';
import { RequestThroughLink } from './request-through-link.command.js';

const LINK_CODES: readonly ProblemCode[] = [
  'link-not-found',
  'link-expired',
  'link-revoked',
  'link-stopped',
  'link-used-up',
];

@ApiTags('Patient links')
@Controller('v1')
export class PatientLinksController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('deployments/:id/patient-links')
  @Operation({
    summary: 'Create a patient link',
    description: 'Patients use the link to ask for an invitation.',
    needs: 'patients.manage',
    at: 'deployment',
    answers: CreatedPatientLink,
    status: 201,
    codes: ['scope-archived', 'too-many-conflicts'],
  })
  async create(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() dto: CreatePatientLinkDto,
  ): Promise<CreatedPatientLink> {
    return this.commands.execute(new CreatePatientLink(actor, id, dto));
  }

  @Get('deployments/:id/patient-links')
  @Operation({
    summary: 'List the patient links of a deployment',
    description: 'The list omits the addresses of the links.',
    needs: 'patients.manage',
    at: 'deployment',
    answers: PatientLinkPage,
  })
  async list(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() page: PageDto,
  ): Promise<PatientLinkPage> {
    return this.queries.execute(new ListPatientLinks(actor, id, page));
  }

  @Get('patient-links/:id')
  @Operation({
    summary: 'Get a patient link',
    description: 'The answer omits the address of the link.',
    needs: 'patients.manage',
    at: 'patient-link',
    answers: PatientLinkDetails,
  })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<PatientLinkDetails> {
    return this.queries.execute(new GetPatientLink(actor, id));
  }

  @Get('patient-links/:id/url')
  @Operation({
    summary: 'Get the address and QR code of a patient link',
    needs: 'patients.manage',
    at: 'patient-link',
    answers: PatientLinkUrl,
  })
  async url(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<PatientLinkUrl> {
    return this.queries.execute(new GetPatientLinkUrl(actor, id));
  }

  @Delete('patient-links/:id')
  @Operation({
    summary: 'Revoke a patient link',
    description: 'Invitations that patients asked for through the link stay.',
    needs: 'patients.manage',
    at: 'patient-link',
    codes: ['scope-archived', 'too-many-conflicts'],
  })
  async revoke(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<void> {
    await this.commands.execute(new RevokePatientLink(actor, id));
  }

  @Get('links/:token')
  @Operation({
    summary: 'Read a patient link',
    description: 'Says where the link leads. Changes nothing.',
    public: true,
    answers: OpenedPatientLink,
    codes: LINK_CODES,
  })
  async open(@Param('token') token: string): Promise<OpenedPatientLink> {
    return this.queries.execute(new ReadPatientLink(token));
  }

  @Post('links/:token/requests')
  @Operation({
    summary: 'Ask for an invitation through a patient link',
    description: 'The invitation comes by mail. The answer is the same for every address.',
    public: true,
    answers: RequestTaken,
    status: 202,
    silent: true,
    codes: [...LINK_CODES, 'scope-archived', 'too-many-requests', 'too-many-conflicts'],
  })
  async request(
    @Param('token') token: string,
    @Origin() origin: string,
    @Body() { email }: RequestThroughLinkDto,
  ): Promise<RequestTaken> {
    await this.commands.execute(new RequestThroughLink(token, email, origin));
    return { message: 'If you can be invited, a mail with your invitation is on its way' };
  }
}
