import { RELEASE } from '../fold/fold-event.js';
import type { DefinitionVersion } from '../reading/past-facts.js';

/** What a role, a permission set or a place meant at an instant. */
export interface Meaning {
  id: string;
  name: string;
  permissions: readonly string[];
}

/** The permissions of a group's members. Every member may view. */
const GROUP_PERMISSIONS = { view: 'group.view', content: 'group.create-content', administrator: 'group.administer' };
/** Every role implies it where it holds, and an observer has it alone. */
const DEPLOYMENT_VIEW = 'deployment.view';

/** The meanings of all roles of an organisation at one instant. Source: ADR 0010, ADR 0050 */
export class RoleMeanings {
  private readonly byId: ReadonlyMap<string, DefinitionVersion>;

  /** @param definitions those that held at the instant: the organisation's, the built-in ones, and the release's tables */
  constructor(definitions: readonly DefinitionVersion[]) {
    this.byId = new Map(definitions.map((definition) => [definition.key, definition]));
  }

  /** What a grant of a kind meant. */
  of(kind: string, role: string): Meaning {
    switch (kind) {
      case 'staff':
        return this.ofRole(role);
      case 'groupMember':
        return this.ofSet(role);
      case 'observer':
        return { id: role, name: 'Observer', permissions: [DEPLOYMENT_VIEW] };
      default:
        return { id: role, name: role === 'offboarded' ? 'Offboarded patient' : 'Patient', permissions: [] };
    }
  }

  /** The ids of roles whose holders had a permission. */
  allowing(permission: string): string[] {
    return this.roles.filter((id) => this.ofRole(id).permissions.includes(permission));
  }

  /** The ids of roles that are defined at the instant, or were deleted before. */
  get roles(): string[] {
    return [...this.byId.keys()].filter((id) => id !== RELEASE);
  }

  /** The keys of the permission sets of groups. */
  get sets(): string[] {
    return Object.keys(this.byId.get(RELEASE)?.tables?.sets ?? {});
  }

  /** Whether a release defines the role. */
  isBuiltIn(id: string): boolean {
    return this.byId.get(id)?.organisation_id === null;
  }

  /** Whether the holder of a role could give another role, by the tables of the release and the subset rule. */
  mayGrant(holder: Meaning, role: Meaning): boolean {
    const row = this.byId.get(RELEASE)?.tables?.grants[holder.id];
    if (row) return this.isBuiltIn(role.id) ? row.roles.includes(role.id) : row.custom;
    const isBetweenCustom = !this.isBuiltIn(holder.id) && !this.isBuiltIn(role.id);
    return isBetweenCustom && role.permissions.every((permission) => holder.permissions.includes(permission));
  }

  /** A deleted role means its successor. Without one, or in a circle, it has its last name and no permission. */
  private ofRole(id: string): Meaning {
    const passed = new Set<string>();
    for (let next: string | null = id; next !== null && !passed.has(next);) {
      const definition = this.byId.get(next);
      if (!definition) break;
      if (!definition.deleted)
        return { id: next, name: definition.name, permissions: this.withImplied(definition.permissions) };
      passed.add(next);
      next = definition.moved_to;
    }
    return { id, name: this.byId.get(id)?.name ?? id, permissions: [] };
  }

  private ofSet(key: string): Meaning {
    const set = this.byId.get(RELEASE)?.tables?.sets[key];
    return {
      id: key,
      name: set?.name ?? key,
      permissions: [
        GROUP_PERMISSIONS.view,
        ...(set?.contentCreator ? [GROUP_PERMISSIONS.content] : []),
        ...(set?.administrator ? [GROUP_PERMISSIONS.administrator] : []),
      ],
    };
  }

  private withImplied(permissions: readonly string[]): string[] {
    const implied = this.byId.get(RELEASE)?.tables?.implied ?? {};
    const all = permissions.flatMap((permission) => [permission, ...(implied[permission] ?? [])]);
    return [...new Set([...all, DEPLOYMENT_VIEW])];
  }
}

/** The permissions that are left in an archived scope, where nobody writes. */
const READING: readonly string[] = [
  'patients.view',
  'patients.view-identifiers',
  'patients.export',
  'staff.view',
  DEPLOYMENT_VIEW,
  'audit.view',
  GROUP_PERMISSIONS.view,
];

/** Leaves those permissions that only read. */
export function readingAlone(permissions: readonly string[]): string[] {
  return permissions.filter((permission) => READING.includes(permission));
}
