import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyDB } from '@mikro-orm/postgresql';

/** better-auth's models under our names. The database draws ids, as better-auth expects of PostgreSQL. */
const id = () => p.uuid().primary().defaultRaw('gen_random_uuid()');
const time = () => p.datetime().$type<string>();
const times = { created_at: time(), updated_at: time() };

/**
 * better-auth's "user", because it needs "account" for itself. `id` is the personId, `email` is
 * `<personId>@account.invalid`.
 */
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

/** better-auth's "account": one row per way to sign in. */
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
    /** Not better-auth's: a link mailed to the account's address was opened in this session. */
    mailbox_proven: p.boolean().default(false),
    ...times,
  },
});

export const AccountVerificationTable = defineEntity({
  name: 'account_verification',
  properties: { id: id(), identifier: p.text().index(), value: p.text(), expires_at: time(), ...times },
});

/** An account whose acceptance isn't known to be stored yet. The membership stream decides whether it stays. */
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

export type AccountTables = InferKyselyDB<
  | typeof AccountTable
  | typeof AccountCredentialTable
  | typeof AccountSessionTable
  | typeof AccountVerificationTable
  | typeof ProvisionalAccountTable
>;
