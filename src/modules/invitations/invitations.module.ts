import {
  Global,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { Sweeps } from '../../shared/cluster/sweeps.js';
import { Database } from '../../shared/database/database.js';
import { Closing } from '../../shared/lifecycle/closing.js';
import { Listening } from '../../shared/lifecycle/listening.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { ProcessManagerRunner } from '../../shared/process-managers/process-manager-runner.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { Clock } from '../../shared/time/clock.js';
import { BatchAccess } from './batches/batch-access.js';
import { BatchRecorder } from './batches/batch-recorder.js';
import { BatchViews } from './batches/batch-views.js';
import { BatchesController } from './batches/batches.controller.js';
import { GetInvitationBatchHandler } from './batches/get-invitation-batch.query.js';
import { invitationBatchProjection } from './batches/invitation-batch-list.projection.js';
import { ListFailedMailsHandler } from './batches/list-failed-mails.query.js';
import { ListInvitationBatchesHandler } from './batches/list-invitation-batches.query.js';
import { ListPlaceBatchesHandler } from './batches/list-place-batches.query.js';
import { UndoInvitationBatchHandler } from './batches/undo-invitation-batch.command.js';
import { PreviewImportHandler } from './invite/contact-file/import-preview.query.js';
import { InvitationPreview } from './invite/dry-run-preview.js';
import { InvitePeople } from './invite/invite-people.command.js';
import { InvitationQuotas } from './invite/limits/invitation-quotas.js';
import { LimitSettings } from './invite/limits/limit-settings.js';
import { PreviewLimit } from './invite/limits/preview-limit.js';
import { InvitationLinks } from './links/invitation-links.js';
import { ReadLinkHandler } from './links/read-link.query.js';
import { InvitationAgain } from './mails/invitation-again.js';
import { InvitationMailComposer } from './mails/invitation-mail.composer.js';
import { invitationMailProjection } from './mails/invitation-mail.projection.js';
import { ExpirySchedule } from './manage/expiry.schedule.js';
import { ChangeInvitationHandler } from './manage/change-invitation.command.js';
import { GetInvitationHandler } from './manage/get-invitation.query.js';
import { invitationListProjection } from './manage/invitation-list.projection.js';
import { InvitationLocator } from './manage/invitation-locator.js';
import { InvitationViews } from './manage/invitation-view.js';
import { InvitationsController } from './manage/invitations.controller.js';
import { ListInvitationsHandler } from './manage/list-invitations.query.js';
import { ResendInvitationHandler } from './manage/resend-invitation.command.js';
import { RevokeInvitationHandler } from './manage/revoke-invitation.command.js';
import { InvitationAccess } from './policy/invitation-access.js';
import { InvitationPolicies } from './policy/invitation-policy.js';
import { AcceptInvitationHandler } from './respond/accept-invitation.command.js';
import { AcceptOwnInvitationHandler } from './respond/accept-own-invitation.command.js';
import { EndMembershipHandler } from './members/end-membership.command.js';
import { GetMemberHandler } from './members/get-member.query.js';
import { ListMembersHandler } from './members/list-members.query.js';
import { ListOwnGuestPlacesHandler } from './members/list-own-guest-places.query.js';
import { OwnPlaces } from './members/own-places.js';
import { MemberViews } from './members/member-views.js';
import { InvitationTypeModule } from './types/invitation-type.module.js';
import type { InvitationType } from './types/invitation-type.js';
import { RespondToInvitation } from './respond/respond-to-invitation.js';
import { DeclineInvitationHandler } from './respond/decline-invitation.command.js';
import { DeclineOwnInvitationHandler } from './respond/decline-own-invitation.command.js';
import { ListOwnInvitationsHandler } from './respond/list-own-invitations.query.js';
import { MailboxProof } from './respond/mailbox-proof.js';
import { OwnInvitationsController } from './respond/own-invitations.controller.js';
import { ListOwnUnsubscriptionsHandler } from './subscriptions/list-own-unsubscriptions.query.js';
import { OwnUnsubscriptionsController } from './subscriptions/own-unsubscriptions.controller.js';
import { ReadUnsubscribeLinkHandler } from './subscriptions/read-unsubscribe-link.query.js';
import { ResubscriptionProcessManager } from './subscriptions/resubscription.process-manager.js';
import { Subscriptions } from './subscriptions/subscriptions.js';
import { SwitchMailsBackHandler } from './subscriptions/switch-mails-back.command.js';
import { UnsubscribeHandler } from './subscriptions/unsubscribe.command.js';
import { unsubscriptionListProjection } from './subscriptions/unsubscription-list.projection.js';
import { CountInvitationWeeksHandler } from './weeks/count-invitation-weeks.query.js';
import { invitationWeekProjection } from './weeks/invitation-week.projection.js';
import { InvitationWeeksController } from './weeks/invitation-weeks.controller.js';

export interface InvitationsOptions {
  limits: LimitSettings;
  personSecret: Buffer;
}

const HANDLERS = [
  CountInvitationWeeksHandler,
  GetInvitationBatchHandler,
  ListInvitationBatchesHandler,
  ListPlaceBatchesHandler,
  ListFailedMailsHandler,
  UndoInvitationBatchHandler,
  PreviewImportHandler,
  ListMembersHandler,
  GetMemberHandler,
  EndMembershipHandler,
  ListOwnGuestPlacesHandler,
  AcceptInvitationHandler,
  DeclineInvitationHandler,
  ReadLinkHandler,
  ResendInvitationHandler,
  RevokeInvitationHandler,
  ChangeInvitationHandler,
  GetInvitationHandler,
  ListInvitationsHandler,
  AcceptOwnInvitationHandler,
  DeclineOwnInvitationHandler,
  ListOwnInvitationsHandler,
  UnsubscribeHandler,
  ReadUnsubscribeLinkHandler,
  ListOwnUnsubscriptionsHandler,
  SwitchMailsBackHandler,
];

/** The services that all types of invitations share. `forType` makes the module of one type. */
@Global()
@Module({
  controllers: [
    BatchesController,
    InvitationWeeksController,
    InvitationsController,
    OwnInvitationsController,
    OwnUnsubscriptionsController,
  ],
  providers: [
    ...HANDLERS,
    InvitationPolicies,
    InvitationLinks,
    InvitationLocator,
    InvitationAccess,
    InvitationViews,
    MemberViews,
    OwnPlaces,
    InvitationMailComposer,
    InvitationAgain,
    InvitationPreview,
    InvitePeople,
    BatchRecorder,
    BatchAccess,
    BatchViews,
    RespondToInvitation,
    MailboxProof,
    ExpirySchedule,
    InvitationQuotas,
    Subscriptions,
    ResubscriptionProcessManager,
  ],
  exports: [
    InvitationAccess,
    InvitationPolicies,
    InvitationLinks,
    InvitationLocator,
    InvitePeople,
    MailboxProof,
    MemberViews,
    OwnPlaces,
    Subscriptions,
  ],
})
export class InvitationsModule implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  static with({ limits, personSecret }: InvitationsOptions): DynamicModule {
    return {
      module: InvitationsModule,
      providers: [
        { provide: LimitSettings, useValue: limits },
        {
          provide: PreviewLimit,
          useFactory: (database: Database, clock: Clock, sweeps: Sweeps) =>
            new PreviewLimit(database, clock, sweeps, limits.previewsPerHour, personSecret),
          inject: [Database, Clock, Sweeps],
        },
      ],
    };
  }

  /** The module of one type of invitation. src/bootstrap/invitation-types.ts lists the types. */
  static forType(type: InvitationType): DynamicModule {
    return InvitationTypeModule.of(type);
  }

  constructor(
    private readonly projections: ProjectionRunner,
    private readonly processManagers: ProcessManagerRunner,
    private readonly resubscription: ResubscriptionProcessManager,
    private readonly dispatcher: MailDispatcher,
    private readonly composer: InvitationMailComposer,
    private readonly schedule: ExpirySchedule,
    private readonly quotas: InvitationQuotas,
    private readonly listening: Listening,
    private readonly closing: Closing,
  ) {}

  onModuleInit(): void {
    this.projections.register(invitationListProjection);
    this.projections.register(invitationBatchProjection);
    this.projections.register(invitationWeekProjection);
    this.projections.register(invitationMailProjection);
    this.projections.register(unsubscriptionListProjection);
    this.processManagers.register(this.resubscription);
    this.dispatcher.register(this.composer);
    this.listening.begin(() => {
      this.schedule.start();
    });
  }

  /** Runs before open requests end, so that the schedule begins no work that would outlive them. */
  async onModuleDestroy(): Promise<void> {
    await this.closing.step('expiry', async () => this.schedule.stop());
  }

  /** Runs after open requests end, because they may have taken from a quota. */
  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('quotas', async () => this.quotas.giveAllBack());
  }
}
