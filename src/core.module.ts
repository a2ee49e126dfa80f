import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { Authorization } from './modules/access/authorization.js';
import { AppSettings } from './shared/app-settings.js';
import { Departures } from './modules/access/memberships/departures.js';
import { MembershipChanges } from './modules/access/memberships/membership-changes.js';
import { OwnerGuard } from './modules/access/owner-guard/owner-guard.js';
import { Roles } from './modules/access/roles/roles.js';
import { Scopes } from './modules/access/scopes.js';
import { Sights } from './modules/access/sights.js';
import { AccountSweep } from './modules/accounts/account-sweep.js';
import { Accounts } from './modules/accounts/accounts.js';
import { AuthenticationController } from './modules/accounts/authentication.controller.js';
import { createAuthentication, type Authentication, type PasswordHashing } from './modules/accounts/authentication.js';
import { KnownBrowsers } from './modules/accounts/known-browsers.js';
import { Passwords } from './modules/accounts/passwords.js';
import { SessionLookup } from './modules/accounts/session-lookup.js';
import { Sessions } from './modules/accounts/sessions.js';
import { SignInLimits } from './modules/accounts/sign-in-limits.js';
import { Clock } from './shared/time/clock.js';
import { Database } from './shared/database/database.js';
import { CommandHandling } from './shared/event-sourcing/command-handling.js';
import type { EventShapes } from './shared/event-sourcing/event-shapes.js';
import { EventStore } from './shared/event-sourcing/event-store.js';
import { openEventStore } from './shared/event-sourcing/open-event-store.js';
import { Health, HealthLimits } from './shared/health/health.js';
import { CookieAttributes } from './shared/http/cookies.js';
import { EventPositionGuard } from './shared/http/positions/event-position.js';
import { IdempotencyGuard } from './shared/http/idempotency/idempotency.guard.js';
import { IdempotencySweep } from './shared/http/idempotency/idempotency-sweep.js';
import { IdempotentCalls } from './shared/http/idempotency/idempotent-calls.js';
import { Metrics } from './shared/http/metrics/metrics.js';
import { MetricsAccess } from './shared/http/metrics/metrics-access.js';
import { PositionTokens } from './shared/http/positions/position-tokens.js';
import { ProblemFilter } from './shared/http/problem.filter.js';
import { PublicUrl } from './shared/http/links/public-url.js';
import { UnexpectedInputGuard } from './shared/http/unexpected-input.guard.js';
import { SignInGuard } from './modules/accounts/sign-in.guard.js';
import { validationPipe } from './shared/http/validation.js';
import { AcceptInvitationHandler } from './modules/invitations/respond/accept-invitation.command.js';
import { AcceptOwnInvitationHandler } from './modules/invitations/respond/accept-own-invitation.command.js';
import { RespondToInvitation } from './modules/invitations/respond/respond-to-invitation.js';
import { ImportPreview } from './modules/invitations/invite/contact-file/import-preview.js';
import { DeclineInvitationHandler } from './modules/invitations/respond/decline-invitation.command.js';
import { DeclineOwnInvitationHandler } from './modules/invitations/respond/decline-own-invitation.command.js';
import { ExpirySchedule } from './modules/invitations/manage/expiry.schedule.js';
import { InvitationPreview } from './modules/invitations/invite/invitation-preview.js';
import { GetInvitationHandler } from './modules/invitations/manage/get-invitation.query.js';
import { NotificationBus } from './shared/cluster/notification-bus.js';
import { Sweeps } from './shared/cluster/sweeps.js';
import { LeaderElection } from './shared/cluster/leader-election.js';
import { InvitationPolicies } from './modules/invitations/policy/invitation-policy.js';
import { InvitationLinks } from './modules/invitations/links/invitation-links.js';
import { invitationListProjection } from './modules/invitations/manage/invitation-list.projection.js';
import { InvitationLocator } from './modules/invitations/manage/invitation-locator.js';
import { InvitationAccess } from './modules/invitations/policy/invitation-access.js';
import { InvitationMailComposer } from './modules/invitations/mails/invitation-mail.composer.js';
import { invitationMailProjection } from './modules/invitations/mails/invitation-mail.projection.js';
import { InvitationViews } from './modules/invitations/manage/invitation-view.js';
import { InvitationsController } from './modules/invitations/manage/invitations.controller.js';
import { InvitePeople } from './modules/invitations/invite/invite-people.js';
import { MailboxProof } from './modules/invitations/respond/mailbox-proof.js';
import { LinkTokens } from './modules/invitations/links/link-token.js';
import { ListInvitationsHandler } from './modules/invitations/manage/list-invitations.query.js';
import { ListOwnInvitationsHandler } from './modules/invitations/respond/list-own-invitations.query.js';
import { OwnInvitationsController } from './modules/invitations/respond/own-invitations.controller.js';
import { ReadLinkHandler } from './modules/invitations/links/read-link.query.js';
import { ReadUnsubscribeLinkHandler } from './modules/invitations/subscriptions/read-unsubscribe-link.query.js';
import { ResendInvitationHandler } from './modules/invitations/manage/resend-invitation.command.js';
import { ResubscriptionProcessManager } from './modules/invitations/subscriptions/resubscription.process-manager.js';
import { RevokeInvitationHandler } from './modules/invitations/manage/revoke-invitation.command.js';
import { UnsubscribeHandler } from './modules/invitations/subscriptions/unsubscribe.command.js';
import { LimitSettings } from './modules/invitations/invite/limits/limit-settings.js';
import { InvitationQuotas } from './modules/invitations/invite/limits/invitation-quotas.js';
import { OwnEvents } from './shared/rate-limits/own-events.js';
import { PreviewLimit } from './modules/invitations/invite/limits/preview-limit.js';
import { RateLimits } from './shared/rate-limits/rate-limits.js';
import { MailServer } from './shared/mail/mail-server.js';
import { MailTemplates } from './shared/mail/mail-templates.js';
import { MailTransport } from './shared/mail/mail-transport.js';
import { People } from './modules/people/people.js';
import { PersonNames, personDirectoryProjection } from './modules/people/person-directory.js';
import { Pseudonyms } from './modules/people/pseudonyms.js';
import { ProjectionRunner } from './shared/projections/projection-runner.js';
import { MailDispatcher } from './shared/outbox/mail-dispatcher.js';
import { hasWaiting, type OutboxTables } from './shared/outbox/outbox.js';
import { ProcessManagerRunner } from './shared/process-managers/process-manager-runner.js';
import { ListOwnUnsubscriptionsHandler } from './modules/invitations/subscriptions/list-own-unsubscriptions.query.js';
import { OwnUnsubscriptionsController } from './modules/invitations/subscriptions/own-unsubscriptions.controller.js';
import { Subscriptions } from './modules/invitations/subscriptions/subscriptions.js';
import { SwitchMailsBackHandler } from './modules/invitations/subscriptions/switch-mails-back.command.js';
import { unsubscriptionListProjection } from './modules/invitations/subscriptions/unsubscription-list.projection.js';
import { WorkFailures } from './shared/resilience/work-failures.js';

export interface SharedOptions {
  /** This instance's id, as in its log lines. */
  instance: string;
  database: Database;
  clock: Clock;
  /** Absent: better-auth's own hashing. */
  passwordHashing?: PasswordHashing | undefined;
  /** Absent: the usual limits. */
  healthLimits?: Partial<HealthLimits> | undefined;
  /** Null: the events are in the database. */
  eventStoreUrl: string | null;
  eventShapes: EventShapes;
  /** Null: the address the server listens on. */
  publicUrl: string | null;
  smtpUrl: string | null;
  /** PEM. Null: Node's own authorities are trusted. */
  smtpAuthorities: string | null;
  mailFrom: string;
  linkSecrets: readonly Buffer[];
  masterKey: Buffer;
  personSecret: Buffer;
  sessionSecret: string;
  /** Signs the cookie that recognises a browser, and keys the hashes of the rate limits. */
  signInSecret: Buffer;
  /** 0: no limit. */
  ownEventsPerHour: number;
  endSessionsWithLastRole: boolean;
  metricsPort: number | null;
  metricsToken: string | null;
  limits: LimitSettings;
  app: AppSettings;
}

/** The factory's type is lost to Nest, so the provider needs a token of its own. */
const AUTHENTICATION = Symbol('authentication');

/** Provides what every module builds on. */
@Global()
@Module({})
export class SharedModule {
  static with(options: SharedOptions): DynamicModule {
    const providers = [...infrastructure(options), ...services, ...handlers, ...http];
    return {
      module: SharedModule,
      controllers: [
        AuthenticationController,
        InvitationsController,
        OwnInvitationsController,
        OwnUnsubscriptionsController,
      ],
      providers,
      exports: providers.filter(isExported),
    };
  }

  constructor(
    projections: ProjectionRunner,
    people: People,
    dispatcher: MailDispatcher,
    composer: InvitationMailComposer,
    processManagers: ProcessManagerRunner,
    resubscription: ResubscriptionProcessManager,
    departures: Departures,
  ) {
    processManagers.register(departures);
    projections.register(invitationListProjection);
    projections.register(personDirectoryProjection(people));
    projections.register(invitationMailProjection);
    projections.register(unsubscriptionListProjection);
    processManagers.register(resubscription);
    projections.onMoved(() => {
      dispatcher.notify();
    });
    dispatcher.register(composer);
  }
}

function infrastructure(options: SharedOptions): Provider[] {
  const publicUrl = new PublicUrl(options.publicUrl);
  const cookies = new CookieAttributes(options.publicUrl);
  return [
    { provide: Database, useValue: options.database },
    { provide: Clock, useValue: options.clock },
    { provide: PublicUrl, useValue: publicUrl },
    { provide: AppSettings, useValue: options.app },
    { provide: MetricsAccess, useValue: new MetricsAccess(options.metricsPort === null ? options.metricsToken : null) },
    { provide: LimitSettings, useValue: options.limits },
    {
      provide: EventStore,
      useFactory: async (notificationBus: NotificationBus, people: People) =>
        openEventStore(options.database, options.eventStoreUrl, {
          notificationBus,
          people,
          shapes: options.eventShapes,
        }),
      inject: [NotificationBus, People],
    },
    { provide: HealthLimits, useValue: Object.assign(new HealthLimits(), options.healthLimits) },
    {
      provide: LeaderElection,
      useFactory: (notificationBus: NotificationBus, failures: WorkFailures) =>
        new LeaderElection(options.database, notificationBus, failures, undefined, options.instance),
      inject: [NotificationBus, WorkFailures],
    },
    {
      provide: OwnEvents,
      useFactory: (sweeps: Sweeps) => new OwnEvents(options.database, options.clock, sweeps, options.ownEventsPerHour),
      inject: [Sweeps],
    },
    {
      provide: PreviewLimit,
      useFactory: (sweeps: Sweeps) =>
        new PreviewLimit(options.database, options.clock, sweeps, options.limits.previewsPerHour, options.personSecret),
      inject: [Sweeps],
    },
    {
      provide: Departures,
      useFactory: (store: EventStore, projections: ProjectionRunner, accounts: Accounts) =>
        new Departures(store, projections, accounts, options.endSessionsWithLastRole),
      inject: [EventStore, ProjectionRunner, Accounts],
    },
    { provide: People, useFactory: () => new People(options.database, options) },
    { provide: PositionTokens, useFactory: () => new PositionTokens(options.database, options.masterKey) },
    { provide: Pseudonyms, useFactory: () => new Pseudonyms(options.database, options.masterKey) },
    { provide: IdempotentCalls, useFactory: () => new IdempotentCalls(options.database, options.masterKey) },
    { provide: LinkTokens, useFactory: () => new LinkTokens(options.linkSecrets) },
    {
      provide: MailTransport,
      useFactory: () =>
        new MailTransport({
          smtpUrl: options.smtpUrl,
          smtpAuthorities: options.smtpAuthorities,
          from: options.mailFrom,
        }),
    },
    {
      provide: MailServer,
      useFactory: (transport: MailTransport) =>
        new MailServer(
          transport,
          async (now) => hasWaiting(options.database.kysely<OutboxTables>(), now),
          options.clock,
        ),
      inject: [MailTransport],
    },
    {
      provide: AUTHENTICATION,
      useFactory: () =>
        createAuthentication(options.database, {
          secret: options.sessionSecret,
          publicUrl: options.publicUrl ?? 'http://localhost',
          cookiePath: cookies.path,
          passwordHashing: options.passwordHashing,
        }),
    },
    {
      provide: RateLimits,
      useFactory: (sweeps: Sweeps) => new RateLimits(options.database, sweeps, options.signInSecret),
      inject: [Sweeps],
    },
    {
      provide: Passwords,
      useFactory: (authentication: Authentication) => new Passwords(authentication),
      inject: [AUTHENTICATION],
    },
    {
      provide: Sessions,
      useFactory: (
        authentication: Authentication,
        accounts: Accounts,
        passwords: Passwords,
        people: People,
        limits: SignInLimits,
      ) => {
        const [lookup, browsers] = [
          new SessionLookup(options.database, options.sessionSecret),
          new KnownBrowsers(options.signInSecret, cookies),
        ];
        return new Sessions({
          database: options.database,
          authentication,
          lookup,
          accounts,
          passwords,
          people,
          limits,
          browsers,
          cookies,
        });
      },
      inject: [AUTHENTICATION, Accounts, Passwords, People, SignInLimits],
    },
  ];
}

const services: Provider[] = [
  WorkFailures,
  Sweeps,
  Health,
  NotificationBus,
  Accounts,
  AccountSweep,
  IdempotencySweep,
  Metrics,
  Scopes,
  Roles,
  Authorization,
  Sights,
  OwnerGuard,
  MembershipChanges,
  CommandHandling,
  ProjectionRunner,
  ProcessManagerRunner,
  MailDispatcher,
  MailTemplates,
  SignInLimits,
  PersonNames,
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
];

const handlers: Provider[] = [
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

const http: Provider[] = [
  { provide: APP_FILTER, useClass: ProblemFilter },
  { provide: APP_GUARD, useClass: SignInGuard },
  { provide: APP_GUARD, useClass: UnexpectedInputGuard },
  { provide: APP_GUARD, useClass: EventPositionGuard },
  { provide: APP_GUARD, useClass: IdempotencyGuard },
  { provide: APP_PIPE, useFactory: validationPipe },
];

function isExported(provider: Provider): boolean {
  return !http.includes(provider) && !handlers.includes(provider);
}
