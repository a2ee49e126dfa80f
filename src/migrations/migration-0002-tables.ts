import { Migration } from '@mikro-orm/migrations';

/** People and accounts, outbox, checkpoints and the read models: what the entities describe; a test compares the two. */
const TABLES = [
  `create table account_user (
    id uuid not null default gen_random_uuid(),
    name text not null,
    email text not null,
    email_verified boolean not null,
    image text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (id)
  )`,
  'alter table account_user add constraint account_user_email_unique unique (email)',
  `create table account_credential (
    id uuid not null default gen_random_uuid(),
    account_id text not null,
    provider_id text not null,
    user_id uuid not null,
    access_token text,
    refresh_token text,
    id_token text,
    access_token_expires_at timestamptz,
    refresh_token_expires_at timestamptz,
    scope text,
    password text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (id)
  )`,
  'create index account_credential_user_id_index on account_credential (user_id)',
  `create table account_session (
    id uuid not null default gen_random_uuid(),
    expires_at timestamptz not null,
    token text not null,
    ip_address text,
    user_agent text,
    user_id uuid not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (id)
  )`,
  'alter table account_session add constraint account_session_token_unique unique (token)',
  'create index account_session_user_id_index on account_session (user_id)',
  `create table account_verification (
    id uuid not null default gen_random_uuid(),
    identifier text not null,
    value text not null,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (id)
  )`,
  'create index account_verification_identifier_index on account_verification (identifier)',
  `create table checkpoint (
    name text not null,
    position text,
    paused_at uuid,
    error text,
    primary key (name)
  )`,
  `create table deployment (
    id uuid not null,
    organisation_id uuid not null,
    name text not null,
    profile jsonb not null,
    archived boolean not null,
    primary key (id)
  )`,
  'create index deployment_by_organisation on deployment (organisation_id, name, id)',
  `create table invitation (
    id uuid not null,
    kind text not null,
    stream text not null,
    person_id uuid not null,
    scope_kind text not null,
    scope_id uuid not null,
    organisation_id uuid,
    role text not null,
    state text not null,
    issue int not null,
    issued_by text not null,
    invited_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (id)
  )`,
  'create index invitation_person_id_index on invitation (person_id)',
  'create index invitation_by_scope on invitation (scope_id, kind, invited_at, id)',
  `create table organisation (
    id uuid not null,
    name text not null,
    profile jsonb not null,
    archived boolean not null,
    primary key (id)
  )`,
  'create index organisation_by_name on organisation (name, id)',
  `create table outbox (
    key uuid not null,
    kind text not null,
    stream text not null,
    invitation_id uuid not null,
    issue int not null,
    state text not null,
    attempts int not null default 0,
    queued_at timestamptz not null,
    due_at timestamptz not null,
    lease_until timestamptz,
    at timestamptz not null,
    primary key (key)
  )`,
  'create index outbox_invitation_id_index on outbox (invitation_id)',
  'create index outbox_due on outbox (state, due_at)',
  `create table person (
    id uuid not null,
    email_hash text,
    sealed_email text,
    wrapped_key text,
    primary key (id)
  )`,
  'alter table person add constraint person_email_hash_unique unique (email_hash)',
  `create table person_directory (
    id uuid not null,
    email text,
    name text,
    primary key (id)
  )`,
  'create index person_directory_email_index on person_directory (email)',
  `create table provisional_account (
    id uuid not null,
    attempt uuid not null,
    stream text not null,
    invitation_id uuid not null,
    started_at timestamptz not null,
    primary key (id)
  )`,
  `create table staff_member (
    id uuid not null,
    person_id uuid not null,
    scope_kind text not null,
    scope_id uuid not null,
    organisation_id uuid,
    role text not null,
    active boolean not null,
    since timestamptz not null,
    primary key (id)
  )`,
  'create index staff_member_person_id_index on staff_member (person_id)',
  'create index staff_member_by_scope on staff_member (scope_id, active, since, id)',
];

export class TablesMigration extends Migration {
  override up(): void {
    for (const statement of TABLES) this.addSql(statement);
  }
}
