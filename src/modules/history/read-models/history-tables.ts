import { defineEntity, p } from '@mikro-orm/core';
import type { ReleaseTables, ScopePeriod } from '../fold/fold-event.js';
import type { JsonObject } from '../../../shared/event-sourcing/event-store.js';

/** Read model: every event of the log, with its number. */
export const HistoryEntryTable = defineEntity({
  name: 'history_entry',
  properties: {
    number: p.bigint().$type<number>().primary().autoincrement(false),
    organisation_number: p.bigint().$type<number>().nullable(),
    event_id: p.uuid(),
    position: p.text(),
    stream: p.text(),
    type: p.text(),
    kind: p.text(),
    /** `json`, because the log may hold texts that `jsonb` refuses. */
    data: p.json<JsonObject>().columnType('json'),
    organisation_id: p.uuid().nullable(),
    scope_kind: p.text(),
    scope_id: p.uuid(),
    actor: p.text(),
    subject: p.uuid().nullable(),
    about: p.text().nullable(),
    correlation: p.text(),
    causation: p.text(),
    recorded_at: p.datetime().$type<string>(),
    effective_at: p.datetime().$type<string>(),
  },
  indexes: [
    { name: 'history_entry_by_event', properties: ['event_id'] },
    { name: 'history_entry_by_organisation', properties: ['organisation_id', 'number'] },
    { name: 'history_entry_by_organisation_actor', properties: ['organisation_id', 'actor', 'number'] },
    { name: 'history_entry_by_organisation_kind', properties: ['organisation_id', 'kind', 'number'] },
    { name: 'history_entry_by_scope', properties: ['scope_id', 'number'] },
    { name: 'history_entry_by_subject', properties: ['subject', 'number'] },
    { name: 'history_entry_by_actor', properties: ['actor', 'number'] },
    { name: 'history_entry_by_kind', properties: ['kind', 'number'] },
    { name: 'history_entry_by_correlation', properties: ['correlation', 'number'] },
    { name: 'history_entry_by_stream', properties: ['stream', 'number'] },
    { name: 'history_entry_by_time', properties: ['effective_at', 'number'] },
  ],
});

/** The columns of every table of periods. */
const PERIOD = {
  key: p.text().primary(),
  from_number: p.bigint().$type<number>().primary(),
  from_at: p.datetime().$type<string>(),
  opened_by: p.uuid().nullable(),
  to_number: p.bigint().$type<number>().nullable(),
  to_at: p.datetime().$type<string>().nullable(),
  closed_by: p.uuid().nullable(),
};
const PLACED = { organisation_id: p.uuid().nullable(), scope_kind: p.text(), scope_id: p.uuid() };

/** A search over numbers along an index of ranges costs what it finds, however many periods have ended. */
function byRange(table: string, name: string, column: string): { name: string; expression: string } {
  return {
    name,
    expression: `create index ${name} on ${table} using gist (${column}, int8range(from_number, to_number))`,
  };
}

/** Read model: who held what from when to when. */
export const GrantPeriodTable = defineEntity({
  name: 'grant_period',
  properties: { ...PERIOD, ...PLACED, kind: p.text(), person_id: p.uuid(), role: p.text() },
  indexes: [
    byRange('grant_period', 'grant_period_in_organisation', 'organisation_id'),
    byRange('grant_period', 'grant_period_in_scope', 'scope_id'),
    { name: 'grant_period_by_person', properties: ['person_id', 'from_number'] },
    { name: 'grant_period_by_role', properties: ['role', 'from_number'] },
    { name: 'grant_period_by_event', properties: ['opened_by'] },
  ],
});

/** Read model: which invitation offered what from when to when. */
export const OfferPeriodTable = defineEntity({
  name: 'offer_period',
  properties: {
    ...PERIOD,
    ...PLACED,
    kind: p.text(),
    person_id: p.uuid(),
    invitation_id: p.uuid(),
    role: p.text(),
    issue: p.integer(),
    expires_at: p.datetime().$type<string>(),
  },
  indexes: [
    { name: 'offer_period_by_invitation', properties: ['invitation_id'] },
    { name: 'offer_period_by_role', properties: ['role', 'from_number'] },
  ],
});

/** Read model: exceptions for files of groups. */
export const ExceptionPeriodTable = defineEntity({
  name: 'exception_period',
  properties: { ...PERIOD, ...PLACED, file_id: p.text(), member_id: p.text(), content_creator: p.boolean() },
  indexes: [
    { name: 'exception_period_by_file', properties: ['file_id'] },
    { name: 'exception_period_by_member', properties: ['member_id'] },
  ],
});

/** Read model: what each role meant from when to when. */
export const RoleDefinitionPeriodTable = defineEntity({
  name: 'role_definition_period',
  properties: {
    ...PERIOD,
    organisation_id: p.uuid().nullable(),
    defined_at: p.uuid().nullable(),
    name: p.text(),
    permissions: p.json<string[]>().columnType('json'),
    deleted: p.boolean(),
    moved_to: p.text().nullable(),
    tables: p.json<ReleaseTables>().columnType('json').nullable(),
  },
  indexes: [{ name: 'role_definition_period_by_organisation', properties: ['organisation_id', 'from_number'] }],
});

/** Read model: names and states of scopes from when to when. */
export const ScopePeriodTable = defineEntity({
  name: 'scope_period',
  properties: {
    ...PERIOD,
    kind: p.text(),
    organisation_id: p.uuid().nullable(),
    name: p.text(),
    state: p.text().$type<ScopePeriod['state']>(),
  },
  indexes: [{ name: 'scope_period_by_organisation', properties: ['organisation_id', 'from_number'] }],
});

/** Read model: what people were called from when to when. A name is sealed as in the event of this stream. */
export const PersonNamePeriodTable = defineEntity({
  name: 'person_name_period',
  properties: { ...PERIOD, stream: p.text(), sealed: p.text() },
});

export const HISTORY_TABLES = [
  HistoryEntryTable,
  GrantPeriodTable,
  OfferPeriodTable,
  ExceptionPeriodTable,
  RoleDefinitionPeriodTable,
  ScopePeriodTable,
  PersonNamePeriodTable,
] as const;
