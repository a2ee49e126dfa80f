import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../access/access.contract.js';
import { Actor } from '../../accounts/accounts.contract.js';
import { ReasonDto } from '../../../shared/http/reason.dto.js';
import { uuidPipe } from '../../../shared/http/validation.js';
import { OffboardPatient } from './offboard-patient.command.js';
import { ReactivatePatient } from './reactivate-patient.command.js';
import { GetPatient } from './get-patient.query.js';
import { OffboardDto, PatientDetails } from './patient.dto.js';

@ApiTags('Patients')
@Controller('v1')
export class PatientsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('patients/:id')
  @Operation({
    summary: 'Get a patient',
    needs: 'patients.view',
    at: 'patient',
    byAlias: true,
    answers: PatientDetails,
  })
  async get(@Actor() actor: string, @Param('id', uuidPipe) id: string): Promise<PatientDetails> {
    return this.queries.execute(new GetPatient(actor, id));
  }

  @Post('patients/:id/offboard')
  @Operation({
    summary: 'Offboard a patient',
    description: 'The patient gets a mail.',
    needs: 'patients.offboard',
    at: 'patient',
    byAlias: true,
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
    summary: 'Reactivate an offboarded patient',
    description: 'The patient gets a mail.',
    needs: 'patients.manage',
    at: 'patient',
    byAlias: true,
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
}
