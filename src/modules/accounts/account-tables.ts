import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';

/**
 * The tables hold better-auth's models under our names. The database makes the ids, because better-auth expects that of
 * PostgreSQL.
 */
const id = () => p.uuid().primary().defaultRaw('gen_random_uuid()');
const time = () => p.datetime().$type<string>();
const times = { created_at: time(), updated_at: time() };

/** better-auth's model "user". `id` is the personId, and `email` is `<personId>@account.invalid`. */
export const AccountTable = defineEntity({
  name: 'account_user',
  properties: {
    id: id(),
    name: p.text(),
    email: p.text().unique(),
    email_verified: p.boolean(),
    image: p.text().nullable(),
    ...times,
  },
});

/** better-auth's model "account": a row for each way to sign in. */
export const AccountCredentialTable = defineEntity({
  name: 'account_credential',
  properties: {
    id: id(),
    account_id: p.text(),
    provider_id: p.text(),
    user_id: p.uuid().index(),
    access_token: p.text().nullable(),
    refresh_token: p.text().nullable(),
    id_token: p.text().nullable(),
    access_token_expires_at: time().nullable(),
    refresh_token_expires_at: time().nullable(),
    scope: p.text().nullable(),
    password: p.text().nullable(),
    ...times,
  },
});

/** The stored token is no credential, because a bearer must also carry our signature over it. */
export const AccountSessionTable = defineEntity({
  name: 'account_session',
  properties: {
    id: id(),
    expires_at: time(),
    token: p.text().unique(),
    ip_address: p.text().nullable(),
    user_agent: p.text().nullable(),
    user_id: p.uuid().index(),
    /** Our own column: whether this session opened a link that was mailed to the account's address. */
    mailbox_proven: p.boolean().default(false),
    /** `starting` until its start is stored, `open` while it holds, `ending` until its end is stored. */
    state: p.text().$type<'starting' | 'open' | 'ending'>().default('open'),
    ended_how: p.text().nullable(),
    /** To the minute. Null: not since it began. */
    used_at: time().nullable(),
    ...times,
  },
  indexes: [
    {
      name: 'account_session_not_open',
      expression: `create index account_session_not_open on account_session (created_at) where state <> 'open'`,
    },
    { name: 'account_session_expires_at', properties: ['expires_at'] },
  ],
});

export const AccountVerificationTable = defineEntity({
  name: 'account_verification',
  properties: { id: id(), identifier: p.text().index(), value: p.text(), expires_at: time(), ...times },
});

/**
 * An account that was made before its acceptance was stored. The membership stream decides whether the account stays.
 */
export const ProvisionalAccountTable = defineEntity({
  name: 'provisional_account',
  properties: {
    id: p.uuid().primary(),
    attempt: p.uuid(),
    stream: p.text(),
    invitation_id: p.uuid(),
    started_at: time(),
  },
});

/** A new password whose PasswordChanged isn't known to be stored yet. The person's stream decides whether it holds. */
export const PendingPasswordTable = defineEntity({
  name: 'pending_password',
  properties: {
    id: p.uuid().primary(),
    change_id: p.uuid(),
    password: p.text(),
    /** The session that stays. */
    keep_session: p.uuid().nullable(),
    end_sessions: p.text(),
    started_at: time(),
  },
});

/** The closing of an account whose rows are still there. The person's stream decides whether the account is closed. */
export const AccountClosingTable = defineEntity({
  name: 'account_closing',
  properties: { id: p.uuid().primary(), closing_id: p.uuid(), started_at: time() },
});

export type AccountTables = InferKyselyDB<
  | typeof AccountTable
  | typeof AccountCredentialTable
  | typeof AccountSessionTable
  | typeof AccountVerificationTable
  | typeof ProvisionalAccountTable
  | typeof PendingPasswordTable
  | typeof AccountClosingTable
>;
