import type { EntryRow } from '../fold/history-entry.js';
import { RELEASE } from '../fold/fold-event.js';
import { type JsonObject, requireText } from '../../../shared/event-sourcing/event-store.js';
import type { Facts } from './entry-views.js';
import type { HistoryEntryView } from './history.dto.js';

type Change = HistoryEntryView['changes'][number];

/** The ids of the roles that an entry names. */
export function rolesNamedIn({ data, about, type }: EntryRow): string[] {
  const named = [data['from'], data['to'], data['role'], grantIn(data)?.['role'], data['movedTo']];
  const ids = named.filter((id) => typeof id === 'string');
  return about !== null && type.startsWith('Role') ? [about, ...ids] : ids;
}

function grantIn(data: JsonObject): JsonObject | undefined {
  return data['grant'] as JsonObject | undefined;
}

/** The name of a role or of a permission set at a number. */
export function roleName(id: string, { roles }: Pick<Facts, 'roles'>, number: number): string {
  return roles.at(id, number)?.name ?? roles.at(RELEASE, number)?.tables?.sets[id]?.name ?? id;
}

/** Fields that a group shows to its members alone. */
const CONTENT: readonly string[] = ['description', 'size', 'type', 'url'];

/** What an entry changed, field by field. */
export function changesIn(row: EntryRow, facts: Facts, seesContent: boolean): Change[] {
  const { type, data, number } = row;
  switch (type) {
    case 'StaffRoleChanged':
    case 'GroupPermissionsChanged': {
      const [from, to] = [requireText(data, 'from'), requireText(data, 'to')];
      return [{ field: 'role', from: roleName(from, facts, number), to: roleName(to, facts, number) }];
    }
    case 'RoleEdited': {
      const before = facts.roles.at(row.about ?? '', number - 1);
      return fieldsOf(data, ['name', 'permissions'], { name: before?.name, permissions: before?.permissions });
    }
    case 'OrganisationEdited':
    case 'DeploymentEdited':
      return fieldsOf(data, Object.keys(data), { name: facts.scopes.at(row.scope_id, number - 1)?.name });
    case 'GroupEdited':
      return fieldsOf(
        data,
        Object.keys(data).filter((field) => seesContent || !CONTENT.includes(field)),
        { name: facts.scopes.at(row.scope_id, number - 1)?.name },
      );
    case 'GroupFileEdited':
      return seesContent ? fieldsOf(data, Object.keys(data), {}) : [];
    case 'GroupFileContentStored':
      return seesContent ? fieldsOf(data, ['version', 'size', 'type', 'sha256'], {}) : [];
    default:
      return [];
  }
}

function fieldsOf(data: JsonObject, fields: readonly string[], before: Readonly<Record<string, unknown>>): Change[] {
  return fields
    .filter((field) => data[field] !== undefined)
    .map((field) => ({ field, from: asText(before[field]), to: asText(data[field]) }));
}

function asText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
