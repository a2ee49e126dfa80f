import {
  Global,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { CommandHandling } from '../../shared/event-sourcing/command-handling.js';
import { Database } from '../../shared/database/database.js';
import { CookieAttributes } from '../../shared/http/cookies.js';
import { Closing } from '../../shared/lifecycle/closing.js';
import { MailDispatcher } from '../../shared/outbox/mail-dispatcher.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';
import { WorkFailures } from '../../shared/resilience/work-failures.js';
import { Clock } from '../../shared/time/clock.js';
import { People } from '../people/people.contract.js';
import { AccountSweep } from './account-sweep.js';
import { Accounts } from './accounts.js';
import { AuthenticationController } from './authentication.controller.js';
import { createAuthentication, type Authentication, type PasswordHashing } from './authentication.js';
import { AccountClosings } from './closing/account-closings.js';
import { KnownBrowsers } from './known-browsers.js';
import { ChangeNameHandler } from './name/change-name.command.js';
import { NameController } from './name/name.controller.js';
import { ChangePasswordHandler } from './password/change-password.command.js';
import { PasswordChanges } from './password/password-changes.js';
import { PasswordController } from './password/password.controller.js';
import { PasswordResetLimits } from './password/password-reset-limits.js';
import { PasswordResetLinks } from './password/password-reset-links.js';
import { passwordResetProjection, PasswordResetMails } from './password/password-reset-mails.js';
import { PendingPasswords } from './password/pending-passwords.js';
import { ReadPasswordResetHandler } from './password/read-password-reset.query.js';
import { RequestPasswordResetHandler } from './password/request-password-reset.command.js';
import { ResetPasswordHandler } from './password/reset-password.command.js';
import { Passwords } from './passwords.js';
import { SecondFactor } from './second-factor.js';
import { SessionLookup } from './session-lookup.js';
import { Sessions } from './sessions.js';
import { EndOtherSessionsHandler } from './sessions/end-other-sessions.command.js';
import { EndSessionHandler } from './sessions/end-session.command.js';
import { ListSessionsHandler } from './sessions/list-sessions.query.js';
import { NewSessionLimit } from './sessions/new-session-limit.js';
import { SessionIdleTime } from './sessions/session-idle-time.js';
import { SessionRegister } from './sessions/session-register.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { FailureRecorder } from './sign-in-failures/failure-recorder.js';
import { SignInLimits } from './sign-in-limits.js';

export interface AccountsOptions {
  sessionSecret: string;
  /** Signs the cookie of known browsers. */
  signInSecret: Buffer;
  publicUrl: string | null;
  /** This instance's id, as its log lines show it. */
  instance: string;
  /** How old a session may become. */
  sessionHours: number;
  /** How long a session may be unused; 0: as long as it lives. */
  sessionIdleHours: number;
  /** Default: better-auth's own. */
  passwordHashing?: PasswordHashing | undefined;
}

/** A token of its own, because Nest can't inject by the type that better-auth's factory returns. */
const AUTHENTICATION = Symbol('authentication');

@Global()
@Module({
  controllers: [AuthenticationController, PasswordController, SessionsController, NameController],
  providers: [
    Accounts,
    AccountClosings,
    AccountSweep,
    SignInLimits,
    SecondFactor,
    NewSessionLimit,
    SessionRegister,
    ListSessionsHandler,
    EndSessionHandler,
    EndOtherSessionsHandler,
    ChangeNameHandler,
    PendingPasswords,
    PasswordChanges,
    PasswordResetLinks,
    PasswordResetLimits,
    PasswordResetMails,
    ChangePasswordHandler,
    RequestPasswordResetHandler,
    ResetPasswordHandler,
    ReadPasswordResetHandler,
  ],
  exports: [Accounts, AccountClosings, Sessions, SessionRegister, PasswordChanges, PasswordResetMails],
})
export class AccountsModule implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  static with({
    sessionSecret,
    signInSecret,
    publicUrl,
    instance,
    sessionHours,
    sessionIdleHours,
    passwordHashing,
  }: AccountsOptions): DynamicModule {
    const idleMs = sessionIdleHours === 0 ? null : sessionIdleHours * 60 * 60 * 1000;
    return {
      module: AccountsModule,
      providers: [
        {
          provide: AUTHENTICATION,
          useFactory: (database: Database, { path }: CookieAttributes) =>
            createAuthentication(database, {
              secret: sessionSecret,
              publicUrl: publicUrl ?? 'http://localhost',
              cookiePath: path,
              sessionHours,
              passwordHashing,
            }),
          inject: [Database, CookieAttributes],
        },
        {
          provide: Passwords,
          useFactory: (authentication: Authentication) => new Passwords(authentication),
          inject: [AUTHENTICATION],
        },
        { provide: SessionIdleTime, useValue: new SessionIdleTime(idleMs) },
        {
          provide: FailureRecorder,
          useFactory: (commandHandling: CommandHandling, clock: Clock, failures: WorkFailures) =>
            new FailureRecorder(commandHandling, clock, failures, instance),
          inject: [CommandHandling, Clock, WorkFailures],
        },
        {
          provide: Sessions,
          useFactory: (
            database: Database,
            authentication: Authentication,
            accounts: Accounts,
            passwords: Passwords,
            people: People,
            limits: SignInLimits,
            failures: FailureRecorder,
            secondFactor: SecondFactor,
            newSessions: NewSessionLimit,
            register: SessionRegister,
            cookies: CookieAttributes,
          ) =>
            new Sessions({
              authentication,
              lookup: new SessionLookup(database, sessionSecret, idleMs),
              accounts,
              passwords,
              people,
              limits,
              failures,
              secondFactor,
              newSessions,
              register,
              browsers: new KnownBrowsers(signInSecret, cookies),
              cookies,
            }),
          inject: [
            Database,
            AUTHENTICATION,
            Accounts,
            Passwords,
            People,
            SignInLimits,
            FailureRecorder,
            SecondFactor,
            NewSessionLimit,
            SessionRegister,
            CookieAttributes,
          ],
        },
      ],
    };
  }

  constructor(
    private readonly accounts: Accounts,
    private readonly closings: AccountClosings,
    private readonly database: Database,
    private readonly projections: ProjectionRunner,
    private readonly dispatcher: MailDispatcher,
    private readonly resetMails: PasswordResetMails,
    private readonly failures: FailureRecorder,
    private readonly closing: Closing,
  ) {}

  onModuleInit(): void {
    this.projections.register(passwordResetProjection);
    this.dispatcher.register(this.resetMails);
  }

  /**
   * An embedded instance is the only one, so at its start every provisional account is one that a crash left behind.
   */
  async onApplicationBootstrap(): Promise<void> {
    await this.accounts.sweep(this.database.embedded);
    await this.closings.sweep();
  }
  /** Runs after open requests end, because their sign-ins may have failed. */
  async onApplicationShutdown(): Promise<void> {
    await this.closing.step('sign-in-failures', async () => this.failures.stop());
  }
}
