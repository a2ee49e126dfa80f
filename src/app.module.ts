import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { ScheduleModule } from '@nestjs/schedule';
import { eventShapes } from './bootstrap/event-shapes.js';
import { INVITATION_TYPES } from './bootstrap/invitation-types.js';
import { problemCatalogue } from './bootstrap/problems.js';
import { RegistrationModule } from './bootstrap/registration.module.js';
import { AccessModule, type AccessOptions } from './modules/access/access.module.js';
import { AccountsModule, type AccountsOptions } from './modules/accounts/accounts.module.js';
import { AddressModule } from './modules/accounts/address/address.module.js';
import { SignInGuard } from './modules/accounts/sign-in.guard.js';
import { DeploymentsModule } from './modules/deployments/deployments.module.js';
import { GroupsModule, type GroupsOptions } from './modules/groups/groups.module.js';
import { InvitationsModule, type InvitationsOptions } from './modules/invitations/invitations.module.js';
import { namesPending } from './modules/invitations/invite/names-pending.js';
import { HistoryModule, type HistoryOptions } from './modules/history/history.module.js';
import { MeModule } from './modules/me/me.module.js';
import { MAIL_FAILURE_ADVICE } from './modules/operations/mail-failure-advice.js';
import { OperationsModule, type OperationsOptions } from './modules/operations/operations.module.js';
import { OrganisationsModule } from './modules/organisations/organisations.module.js';
import { PatientsModule, type PatientsOptions } from './modules/patients/patients.module.js';
import { PeopleModule, type PeopleOptions } from './modules/people/people.module.js';
import { PortalModule, type PortalOptions } from './modules/portal/portal.module.js';
import { RevertsModule } from './modules/reverts/reverts.module.js';
import { RolesModule } from './modules/roles/roles.module.js';
import { StaffModule } from './modules/staff/staff.module.js';
import { ClusterModule, type ClusterOptions } from './shared/cluster/cluster.module.js';
import { DatabaseModule, type DatabaseModuleOptions } from './shared/database/database.module.js';
import { EventSourcingModule, type EventSourcingOptions } from './shared/event-sourcing/event-sourcing.module.js';
import { FileStorageModule, type FileStorageOptions } from './shared/file-storage/file-storage.module.js';
import { HealthModule, type HealthOptions } from './shared/health/health.module.js';
import { HttpModule, type HttpOptions } from './shared/http/http.module.js';
import type { RepeatRules } from './shared/http/idempotency/idempotent-calls.js';
import { IdempotencyGuard } from './shared/http/idempotency/idempotency.guard.js';
import { UnexpectedInputGuard } from './shared/http/unexpected-input.guard.js';
import { EventPositionGuard } from './shared/http/positions/event-position.js';
import { ProblemFilter } from './shared/http/problem.filter.js';
import { validationPipe } from './shared/http/validation.js';
import { LifecycleModule, type LifecycleOptions } from './shared/lifecycle/lifecycle.module.js';
import { MailModule, type MailModuleOptions } from './shared/mail/mail.module.js';
import { OutboxModule } from './shared/outbox/outbox.module.js';
import { ProcessManagersModule } from './shared/process-managers/process-managers.module.js';
import { ProjectionsModule } from './shared/projections/projections.module.js';
import { RateLimitsModule, type RateLimitsOptions } from './shared/rate-limits/rate-limits.module.js';
import { ResilienceModule } from './shared/resilience/resilience.module.js';
import { TimeModule, type TimeOptions } from './shared/time/time.module.js';

export type AppOptions = LifecycleOptions &
  TimeOptions &
  DatabaseModuleOptions &
  MailModuleOptions &
  Omit<EventSourcingOptions, 'eventShapes'> &
  ClusterOptions &
  RateLimitsOptions &
  HealthOptions &
  FileStorageOptions &
  Omit<HttpOptions, 'problems' | 'repeatRules'> &
  PeopleOptions &
  AccountsOptions &
  AccessOptions &
  InvitationsOptions &
  PatientsOptions &
  GroupsOptions &
  HistoryOptions &
  OperationsOptions &
  PortalOptions;

/**
 * The rules for calls that are repeated with their key: which refusals a repeat gets, and which kept responses name
 * other people.
 */
const REPEAT_RULES: RepeatRules = { refusedBy: ['scope-archived'], namesOthers: namesPending };

/** All modules of the product, in the order of their start. */
@Module({
  // Each call passes these in this order.
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_GUARD, useClass: SignInGuard },
    { provide: APP_GUARD, useClass: UnexpectedInputGuard },
    { provide: APP_GUARD, useClass: EventPositionGuard },
    { provide: APP_GUARD, useClass: IdempotencyGuard },
    { provide: APP_PIPE, useFactory: validationPipe },
  ],
})
export class AppModule {
  static with(options: AppOptions): DynamicModule {
    return {
      module: AppModule,
      // At the start Nest runs the hooks of global modules in this order, then those of the others. At the stop it runs
      // them in reverse (ADR 0038).
      imports: [
        CqrsModule.forRoot(),
        ScheduleModule.forRoot(),
        RegistrationModule,
        LifecycleModule.with(options),
        TimeModule.with(options),
        ResilienceModule,
        DatabaseModule.with(options),
        MailModule.with(options),
        EventSourcingModule.with({ ...options, eventShapes: eventShapes() }),
        ProjectionsModule,
        ProcessManagersModule,
        ClusterModule.with(options),
        OutboxModule.with({ mailFailureAdvice: MAIL_FAILURE_ADVICE }),
        RateLimitsModule.with(options),
        FileStorageModule.with(options),
        HealthModule.with(options),
        HttpModule.with({ ...options, problems: problemCatalogue(), repeatRules: REPEAT_RULES }),
        PeopleModule.with(options),
        AccountsModule.with(options),
        AddressModule,
        AccessModule.with(options),
        InvitationsModule.with(options),
        OrganisationsModule,
        DeploymentsModule,
        StaffModule,
        PatientsModule.with(options),
        GroupsModule.with(options),
        ...INVITATION_TYPES.map((type) => InvitationsModule.forType(type)),
        RolesModule,
        MeModule,
        HistoryModule.with(options),
        RevertsModule,
        OperationsModule.with(options),
        PortalModule.with(options),
      ],
    };
  }
}
