import { Migration } from '@mikro-orm/migrations';

const ENTRY = `
create table history_entry (
  number bigint not null,
  organisation_number bigint,
  event_id uuid not null,
  position text not null,
  stream text not null,
  type text not null,
  kind text not null,
  data json not null,
  organisation_id uuid,
  scope_kind text not null,
  scope_id uuid not null,
  actor text not null,
  subject uuid,
  about text,
  correlation text not null,
  causation text not null,
  recorded_at timestamptz not null,
  effective_at timestamptz not null,
  primary key (number)
)`;

const ENTRY_INDEXES = {
  history_entry_by_event: 'event_id',
  history_entry_by_organisation: 'organisation_id, number',
  history_entry_by_organisation_actor: 'organisation_id, actor, number',
  history_entry_by_organisation_kind: 'organisation_id, kind, number',
  history_entry_by_scope: 'scope_id, number',
  history_entry_by_subject: 'subject, number',
  history_entry_by_actor: 'actor, number',
  history_entry_by_kind: 'kind, number',
  history_entry_by_correlation: 'correlation, number',
  history_entry_by_stream: 'stream, number',
  history_entry_by_time: 'effective_at, number',
};

const PERIOD = `
  key text not null,
  from_number bigint not null,
  from_at timestamptz not null,
  opened_by uuid,
  to_number bigint,
  to_at timestamptz,
  closed_by uuid`;
const PLACED = 'organisation_id uuid, scope_kind text not null, scope_id uuid not null';

const PERIODS = {
  grant_period: `${PLACED}, kind text not null, person_id uuid not null, role text not null`,
  offer_period: `${PLACED}, kind text not null, person_id uuid not null, invitation_id uuid not null, role text not null, issue int not null,
    expires_at timestamptz not null`,
  exception_period: `${PLACED}, file_id text not null, member_id text not null, content_creator boolean not null`,
  role_definition_period: `organisation_id uuid, defined_at uuid, name text not null, permissions json not null, deleted boolean not null,
    moved_to text, tables json`,
  scope_period: 'kind text not null, organisation_id uuid, name text not null, state text not null',
  person_name_period: 'stream text not null, sealed text not null',
};

const PERIOD_INDEXES = {
  grant_period_by_person: 'grant_period (person_id, from_number)',
  grant_period_by_role: 'grant_period (role, from_number)',
  grant_period_by_event: 'grant_period (opened_by)',
  offer_period_by_invitation: 'offer_period (invitation_id)',
  offer_period_by_role: 'offer_period (role, from_number)',
  exception_period_by_file: 'exception_period (file_id)',
  exception_period_by_member: 'exception_period (member_id)',
  role_definition_period_by_organisation: 'role_definition_period (organisation_id, from_number)',
  scope_period_by_organisation: 'scope_period (organisation_id, from_number)',
};

/**
 * The extension is PostgreSQL's own, yet a server may not have it, or not let this user add it to the database. Then a
 * question about an instant reads every period that began before it.
 */
const RANGES = `
do $$
begin
  create extension if not exists btree_gist;
  create index grant_period_in_organisation on grant_period using gist (organisation_id, int8range(from_number, to_number));
  create index grant_period_in_scope on grant_period using gist (scope_id, int8range(from_number, to_number));
exception when insufficient_privilege or undefined_file or feature_not_supported or undefined_object then
  raise notice 'questions about the past stay slow after many changes: btree_gist is missing';
  create index grant_period_in_organisation on grant_period (organisation_id, from_number);
  create index grant_period_in_scope on grant_period (scope_id, from_number);
end $$`;

/** Read models of the history. A version before this one doesn't fill them. */
export class HistoryMigration extends Migration {
  override up(): void {
    this.addSql(ENTRY);
    for (const [name, columns] of Object.entries(ENTRY_INDEXES))
      this.addSql(`create index ${name} on history_entry (${columns})`);
    for (const [table, columns] of Object.entries(PERIODS))
      this.addSql(`create table ${table} (${PERIOD}, ${columns}, primary key (key, from_number))`);
    for (const [name, columns] of Object.entries(PERIOD_INDEXES)) this.addSql(`create index ${name} on ${columns}`);
    this.addSql(RANGES);
  }
}
