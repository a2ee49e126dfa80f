import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Enrolments } from '../../shared/access/enrolments.js';
import { InvitationContexts } from '../../shared/invitations/invitation-context.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { MailDispatcher } from '../../shared/reactions/mail-dispatcher.js';
import { AppLinks } from './app-links.js';
import { EndEnrolmentHandler, OffboardPatientHandler, ReactivatePatientHandler } from './change-enrolment.command.js';
import { GetPatientHandler } from './get-patient.query.js';
import { InvitePatientsHandler } from './invite-patients.command.js';
import { ListOwnEnrolmentsHandler } from './list-own-enrolments.query.js';
import { ListPatientInvitationsHandler } from './list-patient-invitations.query.js';
import { ListPatientsHandler } from './list-patients.query.js';
import { PatientInvitation } from './patient-invitation.js';
import { PatientInvitationsController } from './patient-invitations.controller.js';
import { patientListProjection } from './patient-list.projection.js';
import { PatientStatusMails, patientStatusReaction } from './patient-status-mails.js';
import { PatientStreams } from './patient-streams.js';
import { PatientViews } from './patient-views.js';
import { PatientsController } from './patients.controller.js';
import { ReviewPatientContactsHandler } from './review-patient-contacts.query.js';

/** Global for `Enrolments` alone: what the gate asks about patients. */
@Global()
@Module({
  controllers: [PatientsController, PatientInvitationsController],
  providers: [
    { provide: Enrolments, useExisting: PatientStreams },
    PatientStreams,
    AppLinks,
    PatientInvitation,
    PatientViews,
    PatientStatusMails,
    InvitePatientsHandler,
    ReviewPatientContactsHandler,
    ListPatientInvitationsHandler,
    ListPatientsHandler,
    GetPatientHandler,
    OffboardPatientHandler,
    ReactivatePatientHandler,
    EndEnrolmentHandler,
    ListOwnEnrolmentsHandler,
  ],
  exports: [Enrolments],
})
export class PatientsModule implements OnModuleInit {
  constructor(
    private readonly contexts: InvitationContexts,
    private readonly projections: ProjectionRunner,
    private readonly dispatcher: MailDispatcher,
    private readonly patientInvitation: PatientInvitation,
    private readonly statusMails: PatientStatusMails,
  ) {}

  onModuleInit(): void {
    this.contexts.register(this.patientInvitation);
    this.projections.register(patientListProjection);
    this.projections.register(patientStatusReaction);
    this.dispatcher.register(this.statusMails);
  }
}
