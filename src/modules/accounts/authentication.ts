import { betterAuth, type BetterAuthPlugin } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { bearer } from 'better-auth/plugins/bearer';
import type { Database } from '../../shared/database/database.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';

export interface PasswordHashing {
  hash(password: string): Promise<string>;
  verify(given: { hash: string; password: string }): Promise<boolean>;
}

export interface AuthenticationOptions {
  secret: string;
  publicUrl: string;
  /** The path of the cookies, which is the path of the installation. */
  cookiePath: string;
  /** How old a session may become. */
  sessionHours: number;
  /** Default: better-auth's own, scrypt. */
  passwordHashing?: PasswordHashing | undefined;
}

const timestamps = { createdAt: 'created_at', updatedAt: 'updated_at' };

/**
 * better-auth on our tables, for passwords, credentials and sessions. It has no sign-up, because only an accepted
 * invitation makes an account.
 */
export function createAuthentication(database: Database, options: AuthenticationOptions) {
  return betterAuth({
    secret: options.secret,
    baseURL: options.publicUrl,
    database: { db: database.kysely(), type: 'postgres' },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD_LENGTH,
      maxPasswordLength: MAX_PASSWORD_LENGTH,
      ...(options.passwordHashing && { password: options.passwordHashing }),
    },
    // better-auth's limiter counts successes and trusts any X-Forwarded-For. `sign-in-limits.ts` has ours.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    advanced: {
      database: { generateId: 'uuid' },
      cookiePrefix: COOKIE_PREFIX,
      defaultCookieAttributes: { path: options.cookiePath },
    },
    user: { modelName: 'account_user', fields: { emailVerified: 'email_verified', ...timestamps } },
    session: {
      modelName: 'account_session',
      fields: {
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        userId: 'user_id',
        ...timestamps,
      },
      expiresIn: options.sessionHours * 60 * 60,
      // A session holds from the moment on at which its start is stored.
      additionalFields: { state: { type: 'string', input: false, defaultValue: 'starting' } },
    },
    account: {
      modelName: 'account_credential',
      fields: {
        accountId: 'account_id',
        providerId: 'provider_id',
        userId: 'user_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...timestamps,
      },
    },
    verification: { modelName: 'account_verification', fields: { expiresAt: 'expires_at', ...timestamps } },
    // Without a signature, a token read from the session table would be a credential.
    plugins: [bearer({ requireSignature: true }), sessionOpening],
  });
}

/**
 * Adds `api.openSession({ body: { userId } })` for calls from this server. It opens a session for a person who was just
 * authenticated. It throws RuleBroken `sign-in-failed` when they closed their account since.
 */
const sessionOpening = {
  id: 'session-opening',
  endpoints: {
    openSession: createAuthEndpoint.serverOnly(
      { method: 'POST', metadata: { $Infer: { body: {} as { userId: string } } } },
      async (ctx) => {
        const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId);
        if (!user) throw new RuleBroken('sign-in-failed');
        const session = await ctx.context.internalAdapter.createSession(user.id);
        await setSessionCookie(ctx, { session, user });
        return { sessionId: session.id };
      },
    ),
  },
} satisfies BetterAuthPlugin;

export type Authentication = ReturnType<typeof createAuthentication>;
const COOKIE_PREFIX = 'rolecall';
/** better-auth puts `__Secure-` before it if the public address is https. */
export const SESSION_COOKIE = `${COOKIE_PREFIX}.session_token`;
export const MIN_PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 128;
