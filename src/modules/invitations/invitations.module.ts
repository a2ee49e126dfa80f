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
import { ImportPreview } from './invite/contact-file/import-preview.js';
import { InvitationPreview } from './invite/dry-run-preview.js';
import { InvitePeople } from './invite/invite-people.js';
import { InvitationQuotas } from './invite/limits/invitation-quotas.js';
import { LimitSettings } from './invite/limits/limit-settings.js';
import { PreviewLimit } from './invite/limits/preview-limit.js';
import { InvitationLinks } from './links/invitation-links.js';
import { LinkTokens } from './links/link-token.js';
import { ReadLinkHandler } from './links/read-link.query.js';
import { InvitationMailComposer } from './mails/invitation-mail.composer.js';
import { invitationMailProjection } from './mails/invitation-mail.projection.js';
import { ExpirySchedule } from './manage/expiry.schedule.js';
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

export interface InvitationsOptions {
  /** The first signs, all verify. */
  linkSecrets: readonly Buffer[];
  limits: LimitSettings;
  personSecret: Buffer;
}

const HANDLERS = [
  AcceptInvitationHandler,
  DeclineInvitationHandler,
  ReadLinkHandler,
  ResendInvitationHandler,
  RevokeInvitationHandler,
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

/** The one lifecycle of invitations; contexts register theirs at `InvitationContexts`. */
@Global()
@Module({
  controllers: [InvitationsController, OwnInvitationsController, OwnUnsubscriptionsController],
  providers: [
    ...HANDLERS,
    InvitationPolicies,
    InvitationLinks,
    InvitationLocator,
    InvitationAccess,
    InvitationViews,
    InvitationMailComposer,
    InvitationPreview,
    InvitePeople,
    ImportPreview,
    RespondToInvitation,
    MailboxProof,
    ExpirySchedule,
    InvitationQuotas,
    Subscriptions,
    ResubscriptionProcessManager,
  ],
  exports: [
    ImportPreview,
    InvitationAccess,
    InvitationPolicies,
    InvitationLinks,
    InvitationLocator,
    InvitePeople,
    LinkTokens,
    MailboxProof,
    Subscriptions,
  ],
})
export class InvitationsModule implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  static with({ linkSecrets, limits, personSecret }: InvitationsOptions): DynamicModule {
    return {
      module: InvitationsModule,
      providers: [
        { provide: LimitSettings, useValue: limits },
        { provide: LinkTokens, useFactory: () => new LinkTokens(linkSecrets) },
        {
          provide: PreviewLimit,
          useFactory: (database: Database, clock: Clock, sweeps: Sweeps) =>
            new PreviewLimit(database, clock, sweeps, limits.previewsPerHour, personSecret),
          inject: [Database, Clock, Sweeps],
        },
      ],
    };
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
    this.projections.register(invitationMailProjection);
    this.projections.register(unsubscriptionListProjection);
    this.processManagers.register(this.resubscription);
    this.dispatcher.register(this.composer);
    this.listening.begin(() => {
      this.schedule.start();
    });
  }

  /** Before the requests under way come to their end: the schedule begins nothing that would outlive them. */
  async onModuleDestroy(): Promise<void> {
    await this.closing.step('expiry', async () => this.schedule.stop());
  }

  /** After them: they may have taken some. */
  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('quotas', async () => this.quotas.giveAllBack());
  }
}
