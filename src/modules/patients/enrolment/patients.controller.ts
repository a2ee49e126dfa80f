import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { EndEnrolment } from './end-enrolment.command.js';
import { OffboardPatient } from './offboard-patient.command.js';
import { ReactivatePatient } from './reactivate-patient.command.js';
import { GetPatient } from './get-patient.query.js';
import { ListPatients } from './list-patients.query.js';
import { OffboardDto, PatientDetails, PatientListDto, PatientPage } from './patient.dto.js';

@ApiTags('Patients')
@Controller('v1')
export class PatientsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('deployments/:id/patients')
  @Operation({
    summary: "Lists a deployment's patients",
    needs: 'patients.view',
    at: 'deployment',
    answers: PatientPage,
  })
  async ofDeployment(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Query() dto: PatientListDto,
  ): Promise<PatientPage> {
    return this.queries.execute(new ListPatients(actor, id, dto));
  }

  @Get('patients/:id')
  @Operation({ summary: 'One patient', needs: 'patients.view', at: 'patient', answers: PatientDetails })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<PatientDetails> {
    return this.queries.execute(new GetPatient(actor, id));
  }

  @Post('patients/:id/offboard')
  @Operation({
    summary: 'Ends the programme for a patient, who is told by mail',
    needs: 'patients.offboard',
    at: 'patient',
    answers: PatientDetails,
    codes: ['own-enrolment', 'scope-archived', 'too-many-conflicts', 'too-many-requests'],
    idempotent: true,
  })
  async offboard(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() { reason }: OffboardDto,
  ): Promise<PatientDetails> {
    return this.commands.execute(new OffboardPatient(actor, id, reason));
  }

  @Post('patients/:id/reactivate')
  @Operation({
    summary: 'Takes an offboarded patient back, who is told by mail',
    needs: 'patients.manage',
    at: 'patient',
    answers: PatientDetails,
    codes: ['own-enrolment', 'scope-archived', 'too-many-conflicts', 'too-many-requests'],
    idempotent: true,
  })
  async reactivate(
    @Actor() actor: string,
    @Param('id', uuidPipe) id: string,
    @Body() { reason }: ReasonDto,
  ): Promise<PatientDetails> {
    return this.commands.execute(new ReactivatePatient(actor, id, reason));
  }

  @Delete('patients/:id')
  @Operation({
    summary: "Removes a patient, or leaves: one's own enrolment takes no permission",
    needs: 'patients.manage',
    at: 'patient',
    codes: ['scope-archived', 'too-many-conflicts', 'too-many-requests'],
  })
  async end(@Actor() actor: string, @Param('id', uuidPipe) id: string, @Body() { reason }: ReasonDto): Promise<void> {
    await this.commands.execute(new EndEnrolment(actor, id, reason));
  }
}
