import { Global, Module, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../../shared/database/database.js';
import { CookieAttributes } from '../../shared/http/cookies.js';
import { People } from '../people/people.contract.js';
import { AccountSweep } from './account-sweep.js';
import { Accounts } from './accounts.js';
import { AuthenticationController } from './authentication.controller.js';
import { createAuthentication, type Authentication, type PasswordHashing } from './authentication.js';
import { KnownBrowsers } from './known-browsers.js';
import { Passwords } from './passwords.js';
import { SessionLookup } from './session-lookup.js';
import { Sessions } from './sessions.js';
import { SignInLimits } from './sign-in-limits.js';

export interface AccountsOptions {
  sessionSecret: string;
  /** Signs what browsers are known by. */
  signInSecret: Buffer;
  publicUrl: string | null;
  /** Absent: better-auth's own. */
  passwordHashing?: PasswordHashing | undefined;
}

/** Nest can't see the type behind better-auth's factory. */
const AUTHENTICATION = Symbol('authentication');

@Global()
@Module({
  controllers: [AuthenticationController],
  providers: [Accounts, AccountSweep, SignInLimits],
  exports: [Accounts, Sessions],
})
export class AccountsModule implements OnApplicationBootstrap {
  static with({ sessionSecret, signInSecret, publicUrl, passwordHashing }: AccountsOptions): DynamicModule {
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
              passwordHashing,
            }),
          inject: [Database, CookieAttributes],
        },
        {
          provide: Passwords,
          useFactory: (authentication: Authentication) => new Passwords(authentication),
          inject: [AUTHENTICATION],
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
            cookies: CookieAttributes,
          ) =>
            new Sessions({
              database,
              authentication,
              lookup: new SessionLookup(database, sessionSecret),
              accounts,
              passwords,
              people,
              limits,
              browsers: new KnownBrowsers(signInSecret, cookies),
              cookies,
            }),
          inject: [Database, AUTHENTICATION, Accounts, Passwords, People, SignInLimits, CookieAttributes],
        },
      ],
    };
  }

  constructor(
    private readonly accounts: Accounts,
    private readonly database: Database,
  ) {}

  /** An embedded instance is alone: whatever it finds on trial was left behind. */
  async onApplicationBootstrap(): Promise<void> {
    await this.accounts.sweep(this.database.embedded);
  }
}
