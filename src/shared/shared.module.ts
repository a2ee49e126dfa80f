import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { Access } from './access/access.js';
import { AppSettings } from './app-settings.js';
import { Departures } from './access/departures.js';
import { MemberChanges } from './access/member-changes.js';
import { OwnerGuard } from './access/owner-guard.js';
import { Roles } from './access/roles.js';
import { Scopes } from './access/scopes.js';
import { Sights } from './access/sights.js';
import { AccountSweep } from './accounts/account-sweep.js';
import { Accounts } from './accounts/accounts.js';
import { AuthenticationController } from './accounts/authentication.controller.js';
import { createAuthentication, type Authentication, type PasswordHashing } from './accounts/authentication.js';
import { KnownBrowsers } from './accounts/known-browsers.js';
import { Passwords } from './accounts/passwords.js';
import { SessionLookup } from './accounts/session-lookup.js';
import { Sessions } from './accounts/sessions.js';
import { SignInLimits } from './accounts/sign-in-limits.js';
import { Clock } from './time/clock.js';
import { Database } from './database/database.js';
import { Decisions } from './event-sourcing/decisions.js';
import type { EventShapes } from './event-sourcing/event-shapes.js';
import { EventStore } from './event-sourcing/event-store.js';
import { openEventStore } from './event-sourcing/open-event-store.js';
import { Health, HealthLimits } from './health/health.js';
import { CookieAttributes } from './http/cookies.js';
import { EventPositionGuard } from './http/event-position.js';
import { IdempotencyGuard } from './http/idempotency/idempotency.guard.js';
import { IdempotencySweep } from './http/idempotency/idempotency-sweep.js';
import { IdempotentCalls } from './http/idempotency/idempotent-calls.js';
import { Metrics } from './http/metrics.js';
import { MetricsAccess } from './http/metrics-access.js';
import { PositionTokens } from './http/position-tokens.js';
import { ProblemFilter } from './http/problem.filter.js';
import { PublicUrl } from './http/public-url.js';
import { NothingIgnoredGuard } from './http/nothing-ignored.guard.js';
import { SignInGuard } from './http/sign-in.guard.js';
import { validationPipe } from './http/validation.js';
import { AcceptInvitationHandler } from './invitations/accept-invitation.command.js';
import { AcceptOwnInvitationHandler } from './invitations/accept-own-invitation.command.js';
import { Answering } from './invitations/answering.js';
import { ContactFileReviewing } from './invitations/contact-file/contact-file-reviewing.js';
import { DeclineInvitationHandler } from './invitations/decline-invitation.command.js';
import { DeclineOwnInvitationHandler } from './invitations/decline-own-invitation.command.js';
import { ExpirySchedule } from './invitations/expiry.schedule.js';
import { Foresight } from './invitations/foresight.js';
import { GetInvitationHandler } from './invitations/get-invitation.query.js';
import { Signals } from './cluster/signals.js';
import { Sweeps } from './cluster/sweeps.js';
import { WorkLease } from './cluster/work-lease.js';
import { InvitationContexts } from './invitations/invitation-context.js';
import { InvitationLinks } from './invitations/invitation-links.js';
import { invitationListProjection } from './invitations/invitation-list.projection.js';
import { InvitationLocator } from './invitations/invitation-locator.js';
import { InvitationAccess } from './invitations/invitation-access.js';
import { InvitationMailComposer } from './invitations/invitation-mail.composer.js';
import { invitationMailReaction } from './invitations/invitation-mail.reaction.js';
import { InvitationViews } from './invitations/invitation-view.js';
import { InvitationsController } from './invitations/invitations.controller.js';
import { Inviting } from './invitations/inviting.js';
import { MailboxProof } from './invitations/mailbox-proof.js';
import { LinkTokens } from './invitations/link-token.js';
import { ListInvitationsHandler } from './invitations/list-invitations.query.js';
import { ListOwnInvitationsHandler } from './invitations/list-own-invitations.query.js';
import { OwnInvitationsController } from './invitations/own-invitations.controller.js';
import { ReadLinkHandler } from './invitations/read-link.query.js';
import { ReadUnsubscribeLinkHandler } from './invitations/read-unsubscribe-link.query.js';
import { ResendInvitationHandler } from './invitations/resend-invitation.command.js';
import { ResubscriptionReaction } from './invitations/resubscription.reaction.js';
import { RevokeInvitationHandler } from './invitations/revoke-invitation.command.js';
import { UnsubscribeHandler } from './invitations/unsubscribe.command.js';
import { LimitSettings } from './limits/limit-settings.js';
import { InvitationQuotas } from './limits/invitation-quotas.js';
import { OwnEvents } from './limits/own-events.js';
import { PreviewLimit } from './limits/preview-limit.js';
import { RateLimits } from './limits/rate-limits.js';
import { MailServer } from './mail/mail-server.js';
import { MailTemplates } from './mail/mail-templates.js';
import { MailTransport } from './mail/mail-transport.js';
import { People } from './privacy/people.js';
import { PersonNames, personDirectoryProjection } from './privacy/person-directory.js';
import { Pseudonyms } from './privacy/pseudonyms.js';
import { ProjectionRunner } from './projections/projection-runner.js';
import { MailDispatcher } from './outbox/mail-dispatcher.js';
import { ReactionRunner } from './process-managers/reaction-runner.js';
import { ListOwnUnsubscriptionsHandler } from './subscriptions/list-own-unsubscriptions.query.js';
import { OwnUnsubscriptionsController } from './subscriptions/own-unsubscriptions.controller.js';
import { Subscriptions } from './subscriptions/subscriptions.js';
import { SwitchMailsBackHandler } from './subscriptions/switch-mails-back.command.js';
import { unsubscriptionListProjection } from './subscriptions/unsubscription-list.projection.js';
import { WorkFailures } from './resilience/work-failures.js';

export interface SharedOptions {
  /** This instance's id, as its log lines say it. */
  instance: string;
  database: Database;
  clock: Clock;
  /** Absent: better-auth's own. */
  passwordHashing?: PasswordHashing | undefined;
  /** Absent: as they are. */
  healthLimits?: Partial<HealthLimits> | undefined;
  /** Null: events are in the database. */
  eventStoreUrl: string | null;
  eventShapes: EventShapes;
  /** Null: where the server listens. */
  publicUrl: string | null;
  smtpUrl: string | null;
  /** PEM; null: those that Node knows. */
  smtpAuthorities: string | null;
  mailFrom: string;
  linkSecrets: readonly Buffer[];
  masterKey: Buffer;
  personSecret: Buffer;
  sessionSecret: string;
  /** Signs what browsers are known by, and hashes what is counted. */
  signInSecret: Buffer;
  /** 0: no limit. */
  ownEventsPerHour: number;
  endSessionsWithLastRole: boolean;
  metricsPort: number | null;
  metricsToken: string | null;
  limits: LimitSettings;
  app: AppSettings;
}

/** Nest can't see the type behind better-auth's factory. */
const AUTHENTICATION = Symbol('authentication');

/** What every context builds on. */
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
    reactions: ReactionRunner,
    resubscription: ResubscriptionReaction,
    departures: Departures,
  ) {
    reactions.register(departures);
    projections.register(invitationListProjection);
    projections.register(personDirectoryProjection(people));
    projections.register(invitationMailReaction);
    projections.register(unsubscriptionListProjection);
    reactions.register(resubscription);
    projections.onMoved(() => {
      dispatcher.wake();
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
      useFactory: async (signals: Signals, people: People) =>
        openEventStore(options.database, options.eventStoreUrl, { signals, people, shapes: options.eventShapes }),
      inject: [Signals, People],
    },
    { provide: HealthLimits, useValue: Object.assign(new HealthLimits(), options.healthLimits) },
    {
      provide: WorkLease,
      useFactory: (signals: Signals, failures: WorkFailures) =>
        new WorkLease(options.database, signals, failures, undefined, options.instance),
      inject: [Signals, WorkFailures],
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
      useFactory: (transport: MailTransport) => new MailServer(transport, options.database, options.clock),
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
  Signals,
  Accounts,
  AccountSweep,
  IdempotencySweep,
  Metrics,
  Scopes,
  Roles,
  Access,
  Sights,
  OwnerGuard,
  MemberChanges,
  Decisions,
  ProjectionRunner,
  ReactionRunner,
  MailDispatcher,
  MailTemplates,
  SignInLimits,
  PersonNames,
  InvitationContexts,
  InvitationLinks,
  InvitationLocator,
  InvitationAccess,
  InvitationViews,
  InvitationMailComposer,
  Foresight,
  Inviting,
  ContactFileReviewing,
  Answering,
  MailboxProof,
  ExpirySchedule,
  InvitationQuotas,
  Subscriptions,
  ResubscriptionReaction,
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
  { provide: APP_GUARD, useClass: NothingIgnoredGuard },
  { provide: APP_GUARD, useClass: EventPositionGuard },
  { provide: APP_GUARD, useClass: IdempotencyGuard },
  { provide: APP_PIPE, useFactory: validationPipe },
];

function isExported(provider: Provider): boolean {
  return !http.includes(provider) && !handlers.includes(provider);
}
