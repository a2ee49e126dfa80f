import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { Departures } from '../access/access.contract.js';
import { Enrolments } from '../access/access.domain.contract.js';
import { InvitationContexts } from '../invitations/invitations.contract.js';
import { Database } from '../../shared/database/database.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { ReactionRunner } from '../../shared/process-managers/reaction-runner.js';
import { AppLinks } from './app-links.js';
import { EndEnrolmentHandler, OffboardPatientHandler, ReactivatePatientHandler } from './change-enrolment.command.js';
import { CreatePatientLinkHandler, RevokePatientLinkHandler } from './change-patient-link.command.js';
import { GetPatientHandler } from './get-patient.query.js';
import { InvitePatientsHandler } from './invite-patients.command.js';
import { ListOwnEnrolmentsHandler } from './list-own-enrolments.query.js';
import { ListPatientInvitationsHandler } from './list-patient-invitations.query.js';
import { GetPatientLinkUrlHandler, ListPatientLinksHandler } from './list-patient-links.query.js';
import { ListPatientsHandler } from './list-patients.query.js';
import { PatientAccess } from './patient-access.js';
import { PatientInvitation } from './patient-invitation.js';
import { PatientInvitationsController } from './patient-invitations.controller.js';
import { patientLinkListProjection } from './patient-link-list.projection.js';
import { PatientLinkPlaces } from './patient-link-places.js';
import { PatientLinkReaction } from './patient-link.reaction.js';
import { PatientLinks } from './patient-links.js';
import { PatientLinksController } from './patient-links.controller.js';
import { patientListProjection } from './patient-list.projection.js';
import { patientPlaces } from './patient-places.js';
import { PatientStatusMails, patientStatusReaction } from './patient-status-mails.js';
import { PatientStreams } from './patient-streams.js';
import { PatientViews } from './patient-views.js';
import { PatientsController } from './patients.controller.js';
import { ReadAppLinksHandler } from './read-app-links.query.js';
import { ReadPatientLinkHandler } from './read-patient-link.query.js';
import { RequestLimits } from './request-limits.js';
import { RequestThroughLinkHandler } from './request-through-link.command.js';
import { ReviewPatientContactsHandler } from './review-patient-contacts.query.js';

/** Global for `Enrolments` alone: what the gate asks about patients. */
@Global()
@Module({
  controllers: [PatientsController, PatientInvitationsController, PatientLinksController],
  providers: [
    { provide: Enrolments, useExisting: PatientStreams },
    PatientStreams,
    PatientAccess,
    AppLinks,
    PatientLinks,
    PatientLinkPlaces,
    PatientLinkReaction,
    RequestLimits,
    CreatePatientLinkHandler,
    RevokePatientLinkHandler,
    ListPatientLinksHandler,
    GetPatientLinkUrlHandler,
    ReadAppLinksHandler,
    ReadPatientLinkHandler,
    RequestThroughLinkHandler,
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
    private readonly reactions: ReactionRunner,
    private readonly linkReaction: PatientLinkReaction,
    private readonly departures: Departures,
    private readonly database: Database,
  ) {}

  onModuleInit(): void {
    this.contexts.register(this.patientInvitation);
    this.departures.register(patientPlaces(this.database));
    this.projections.register(patientListProjection);
    this.projections.register(patientLinkListProjection);
    this.projections.register(patientStatusReaction);
    this.reactions.register(this.linkReaction);
    this.dispatcher.register(this.statusMails);
  }
}
