import { Global, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { Enrolments } from '../access/access.domain.contract.js';
import { AppSettings } from './app-settings.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { ProcessManagerRunner } from '../../shared/process-managers/process-manager-runner.js';
import { AssociationFilesController } from './app/association-files.controller.js';
import { AppLinks } from './invitations/app-links.js';
import { OffboardPatientHandler } from './enrolment/offboard-patient.command.js';
import { ReactivatePatientHandler } from './enrolment/reactivate-patient.command.js';
import { CreatePatientLinkHandler } from './invite-links/create-patient-link.command.js';
import { RevokePatientLinkHandler } from './invite-links/revoke-patient-link.command.js';
import { GetPatientHandler } from './enrolment/get-patient.query.js';
import { ListOwnEnrolmentsHandler } from './enrolment/list-own-enrolments.query.js';
import { GetPatientLinkHandler } from './invite-links/get-patient-link.query.js';
import { GetPatientLinkUrlHandler } from './invite-links/get-patient-link-url.query.js';
import { ListPatientLinksHandler } from './invite-links/list-patient-links.query.js';
import { PatientAccess } from './patient-access.js';
import { patientLinkListProjection } from './invite-links/patient-link-list.projection.js';
import { PatientLinkUses } from './invite-links/patient-link-uses.js';
import { PatientLinkProcessManager } from './invite-links/patient-link.process-manager.js';
import { PatientLinks } from './invite-links/patient-links.js';
import { PatientLinksController } from './invite-links/patient-links.controller.js';
import { PatientStatusMails, patientStatusProjection } from './enrolment/patient-status-mails.js';
import { PatientStreams } from './patient-streams.js';
import { PatientViews } from './enrolment/patient-views.js';
import { PatientsController } from './enrolment/patients.controller.js';
import { ReadAppLinksHandler } from './invitations/read-app-links.query.js';
import { ReadPatientLinkHandler } from './invite-links/read-patient-link.query.js';
import { RequestLimits } from './invite-links/request-limits.js';
import { RequestThroughLinkHandler } from './invite-links/request-through-link.command.js';

export interface PatientsOptions {
  /** The patients' app. */
  app: AppSettings;
}

/**
 * Global, because `Authorization` needs `Enrolments`, and the policy of patient invitations needs the other exports.
 */
@Global()
@Module({
  controllers: [PatientsController, PatientLinksController, AssociationFilesController],
  providers: [
    { provide: Enrolments, useExisting: PatientStreams },
    PatientStreams,
    PatientAccess,
    AppLinks,
    PatientLinks,
    PatientLinkUses,
    PatientLinkProcessManager,
    RequestLimits,
    CreatePatientLinkHandler,
    RevokePatientLinkHandler,
    ListPatientLinksHandler,
    GetPatientLinkHandler,
    GetPatientLinkUrlHandler,
    ReadAppLinksHandler,
    ReadPatientLinkHandler,
    RequestThroughLinkHandler,
    PatientViews,
    PatientStatusMails,
    GetPatientHandler,
    OffboardPatientHandler,
    ReactivatePatientHandler,
    ListOwnEnrolmentsHandler,
  ],
  exports: [Enrolments, AppLinks, PatientAccess, PatientLinkUses, PatientStreams, PatientViews],
})
export class PatientsModule implements OnModuleInit {
  static with({ app }: PatientsOptions): DynamicModule {
    return { module: PatientsModule, providers: [{ provide: AppSettings, useValue: app }] };
  }

  constructor(
    private readonly projections: ProjectionRunner,
    private readonly dispatcher: MailDispatcher,
    private readonly statusMails: PatientStatusMails,
    private readonly processManagers: ProcessManagerRunner,
    private readonly linkProcessManager: PatientLinkProcessManager,
  ) {}

  onModuleInit(): void {
    this.projections.register(patientLinkListProjection);
    this.projections.register(patientStatusProjection);
    this.processManagers.register(this.linkProcessManager);
    this.dispatcher.register(this.statusMails);
  }
}
