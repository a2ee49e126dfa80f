import { betterAuth, type BetterAuthPlugin } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { bearer } from 'better-auth/plugins/bearer';
import type { Database } from '../../shared/database/database.js';

export interface PasswordHashing {
  hash(password: string): Promise<string>;
  verify(given: { hash: string; password: string }): Promise<boolean>;
}

export interface AuthenticationOptions {
  secret: string;
  publicUrl: string;
  /** The path of its cookies, the installation's own. */
  cookiePath: string;
  /** Without it, better-auth's own: scrypt. */
  passwordHashing?: PasswordHashing | undefined;
}

const timestamps = { createdAt: 'created_at', updatedAt: 'updated_at' };

/**
 * better-auth on our tables: passwords, credentials and sessions. Nobody signs up here, because only an accepted
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
    // Its limiter counts successes and trusts any X-Forwarded-For; ours is in sign-in-limits.ts.
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
 * Adds `api.openSession({ body: { userId } })`, on this server alone. It opens a session for an account whose owner has
 * just been authenticated.
 */
const sessionOpening = {
  id: 'session-opening',
  endpoints: {
    openSession: createAuthEndpoint.serverOnly(
      { method: 'POST', metadata: { $Infer: { body: {} as { userId: string } } } },
      async (ctx) => {
        const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId);
        if (!user) throw new TypeError('no such account');
        const session = await ctx.context.internalAdapter.createSession(user.id);
        await setSessionCookie(ctx, { session, user });
        return {};
      },
    ),
  },
} satisfies BetterAuthPlugin;

export type Authentication = ReturnType<typeof createAuthentication>;
const COOKIE_PREFIX = 'rolecall';
/** Prefixed with `__Secure-` where the public address is https. */
export const SESSION_COOKIE = `${COOKIE_PREFIX}.session_token`;
export const MIN_PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 128;
