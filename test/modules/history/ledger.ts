import type { RecordedEvent } from '../../../src/shared/event-sourcing/event-store.js';

/** A plain statement of one grant, to compare with the product's. */
export type Statement = string;

interface Held {
  kind: string;
  person: string;
  role: string;
  scope: string;
  organisation: string | null;
  since: number;
}

/** The fields that this ledger reads, whatever the type of an event. */
interface Data {
  personId: string;
  grant: { role: string };
  permissionSet: string;
  to: string;
  roleId: string;
  name: string;
  permissions: string[];
  movedTo?: string;
  roles: { id: string; name: string; permissions: string[] }[];
  implied: Record<string, string[] | undefined>;
  sets: Record<string, { name: string; administrator: boolean; contentCreator: boolean }>;
}

/**
 * Knows what held after each event, by going through the log from its beginning. It is written apart from the product's
 * fold and shares no code with it.
 */
export class Ledger {
  private readonly held = new Map<string, Held>();
  private readonly scopeStates = new Map<string, string>();
  private readonly customRoles = new Map<string, { name: string; permissions: string[]; successor?: string | null }>();
  private release: Data;
  private count = 0;

  constructor(private readonly log: readonly RecordedEvent[]) {
    this.release = log.find(({ type }) => type === 'BuiltInRolesChanged')!.data as unknown as Data;
  }

  /** Goes on until the event with this number has counted. */
  goTo(number: number): void {
    while (this.count <= number) {
      this.take(this.log[this.count]!, this.count);
      this.count += 1;
    }
  }

  /** What held in an organisation and below it, by membership. */
  access(organisation: string): Map<string, Statement> {
    const answer = new Map<string, Statement>();
    for (const [membership, one] of this.held) {
      if (one.organisation !== organisation || this.scopeStates.get(one.scope) === 'deleted') continue;
      const isArchived = [one.scope, organisation].some((scope) => this.scopeStates.get(scope) === 'archived');
      const { id, name, permissions } = this.meaning(one);
      const left = isArchived ? permissions.filter((permission) => READS.has(permission)) : permissions;
      answer.set(
        membership,
        [
          one.kind,
          one.person,
          one.scope,
          id,
          name,
          [...left].sort().join('+'),
          isArchived ? 'archived' : 'open',
          one.since,
        ].join(' | '),
      );
    }
    return answer;
  }

  private take({ type, stream, data, metadata }: RecordedEvent, number: number): void {
    const dash = stream.indexOf('-');
    const [category, id] = [stream.slice(0, dash), stream.slice(dash + 1)];
    const content = data as unknown as Data;
    if (type === 'InvitationAccepted') {
      const role = category === 'patient' ? 'active' : category === 'observer' ? 'observer' : content.grant.role;
      this.hold(stream, category, content.personId, role, metadata, number);
    } else if (type === 'GroupFounderJoined')
      this.hold(stream, category, content.personId, content.permissionSet, metadata, number);
    else if (type === 'StaffRoleChanged' || type === 'GroupPermissionsChanged') this.turn(stream, content.to, number);
    else if (type === 'PatientOffboarded') this.turn(stream, 'offboarded', number);
    else if (type === 'PatientReactivated') this.turn(stream, 'active', number);
    else if (/^(StaffMember|Patient|Observer|GroupMember)(Removed|Left)$/.test(type)) this.held.delete(stream);
    else if (/^(Organisation|Deployment|Group)(Created|Restored)$/.test(type)) this.scopeStates.set(id, 'active');
    else if (/^(Organisation|Deployment)Archived$/.test(type)) this.scopeStates.set(id, 'archived');
    else if (type === 'GroupDeleted') this.scopeStates.set(id, 'deleted');
    else if (type === 'RoleDefined')
      this.customRoles.set(content.roleId, { name: content.name, permissions: content.permissions });
    else if (type === 'RoleEdited') Object.assign(this.customRoles.get(content.roleId)!, content);
    else if (type === 'RoleDeleted') this.customRoles.get(content.roleId)!.successor = content.movedTo ?? null;
    else if (type === 'BuiltInRolesChanged') this.release = content;
  }

  private hold(
    id: string,
    kind: string,
    person: string,
    role: string,
    metadata: RecordedEvent['metadata'],
    since: number,
  ): void {
    this.held.set(id, { kind, person, role, scope: metadata.scope.id, organisation: metadata.organisationId, since });
  }

  private turn(id: string, role: string, since: number): void {
    const before = this.held.get(id);
    if (before) this.held.set(id, { ...before, role, since });
  }

  private meaning({ kind, role }: Held): { id: string; name: string; permissions: string[] } {
    if (kind === 'observer') return { id: role, name: 'Observer', permissions: ['deployment.view'] };
    if (kind === 'patient')
      return { id: role, name: role === 'active' ? 'Patient' : 'Offboarded patient', permissions: [] };
    if (kind === 'groupMember') {
      const set = this.release.sets[role]!;
      const more = [set.contentCreator && 'group.create-content', set.administrator && 'group.administer'].filter(
        Boolean,
      ) as string[];
      return { id: role, name: set.name, permissions: ['group.view', ...more] };
    }
    let id = role;
    for (let hops = 0; hops < 100; hops += 1) {
      const custom = this.customRoles.get(id);
      if (custom && custom.successor === undefined)
        return { id, name: custom.name, permissions: this.expanded(custom.permissions) };
      const builtIn = this.release.roles.find((one) => one.id === id);
      if (builtIn) return { id, name: builtIn.name, permissions: this.expanded(builtIn.permissions) };
      if (!custom?.successor) break;
      id = custom.successor;
    }
    return { id: role, name: this.customRoles.get(role)?.name ?? role, permissions: [] };
  }

  private expanded(permissions: string[]): string[] {
    const implied = permissions.flatMap((permission) => this.release.implied[permission] ?? []);
    return [...new Set([...permissions, ...implied, 'deployment.view'])];
  }
}

const READS = new Set([
  'patients.view',
  'patients.view-identifiers',
  'patients.export',
  'staff.view',
  'deployment.view',
  'audit.view',
  'group.view',
]);

/** The number of the last event that counts at a time: the log's longest beginning whose largest times are not later. */
export function numberAt(log: readonly RecordedEvent[], time: string): number {
  const later = log.findIndex(({ recordedAt }) => recordedAt > time);
  return later === -1 ? log.length - 1 : later - 1;
}

const KEPT_BACK =
  /^(OwnerRegistered|OwnerReleased|PatientLinkPlace(Reserved|Released)|InvitationBatch(Started|Finished))$/;

/** How many entries an organisation's timeline has after a time and up to another, of one type on one category, or of all. */
export function entriesIn(
  log: readonly RecordedEvent[],
  organisation: string,
  from: string,
  to: string,
  only: { type: string; category: string } | null,
): number {
  const [first, last] = [numberAt(log, from) + 1, numberAt(log, to)];
  return log.slice(first, last + 1).filter(({ type, stream, metadata }) => {
    if (metadata.organisationId !== organisation) return false;
    return only ? type === only.type && stream.startsWith(`${only.category}-`) : !KEPT_BACK.test(type);
  }).length;
}
