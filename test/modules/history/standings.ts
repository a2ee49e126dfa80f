import type { RecordedEvent } from '../../../src/shared/event-sourcing/event-store.js';

const PLATFORM = '00000000-0000-4000-8000-000000000001';

/** What somebody holds. */
export interface Standing {
  stream: string;
  kind: string;
  person: string;
  role: string;
  scope: string;
  /** The number of the event that gave it in this form. */
  since: number;
}

/** The offer of an invitation, by the numbers of its events. */
export interface Offer {
  invitation: string;
  issued: number;
  changed: number | null;
  last: number;
  issuer: string;
  role: string | undefined;
  link: string | undefined;
}

/** What an event needed somebody to be able to do, or why it needed nobody. */
export type Act = { by: string; permission: string | null; scopes: string[]; gives: string[] } | string;

interface Data {
  invitationId: string;
  personId: string;
  grant: { role?: string; linkId?: string } | undefined;
  permissionSet: string;
  from: string;
  to: string;
  roleId: string;
  permissions?: string[];
  movedTo?: string;
  roles: { id: string; permissions: string[] }[];
  implied: Record<string, string[] | undefined>;
  grants: Record<string, { roles: string[]; custom: boolean } | undefined>;
  sets: Record<string, { administrator: boolean } | undefined>;
}
type Event = Omit<RecordedEvent, 'id' | 'revision' | 'recordedAt'>;

/**
 * Knows who could do what after each event, by going through the log from its beginning. It is written apart from the
 * product's and shares no code with it.
 */
export class Standings {
  readonly held = new Map<string, Standing>();
  readonly offers = new Map<string, Offer>();
  private readonly byScope = new Map<string, Set<string>>();
  private readonly customRoles = new Map<string, { permissions: string[]; successor?: string | null }>();
  private release: Data | undefined;

  take({ type, stream, data, metadata }: Event, number: number): void {
    const content = data as unknown as Data;
    const kind = kindIn(stream);
    if (type === 'InvitationIssued') {
      const { invitationId: invitation, grant } = content;
      const offer = { invitation, issued: number, changed: null, last: number, issuer: metadata.actor };
      this.offers.set(stream, { ...offer, role: grant?.role, link: grant?.linkId });
    } else if (type === 'InvitationReissued' || type === 'InvitationChanged') {
      const offer = this.offers.get(stream)!;
      Object.assign(offer, { last: number, issuer: metadata.actor });
      if (type === 'InvitationChanged') Object.assign(offer, { changed: number, role: content.grant?.role });
    } else if (type === 'InvitationAccepted' || type === 'GroupFounderJoined') {
      const role = type === 'GroupFounderJoined' ? content.permissionSet : (content.grant?.role ?? kind);
      this.hold({ stream, kind, person: content.personId, role, scope: metadata.scope.id, since: number });
    } else if (/^(StaffRole|GroupPermissions)Changed$/.test(type)) this.turn(stream, content.to, number);
    else if (/^Patient(Offboarded|Reactivated)$/.test(type)) this.turn(stream, kind, number);
    else if (/^(StaffMember|Patient|Observer|GroupMember)(Removed|Left)$/.test(type)) {
      this.byScope.get(this.held.get(stream)?.scope ?? '')?.delete(stream);
      this.held.delete(stream);
    } else if (type === 'RoleDefined') this.customRoles.set(content.roleId, { permissions: content.permissions! });
    else if (type === 'RoleEdited' && content.permissions)
      this.customRoles.get(content.roleId)!.permissions = content.permissions;
    else if (type === 'RoleDeleted') this.customRoles.get(content.roleId)!.successor = content.movedTo ?? null;
    else if (type === 'BuiltInRolesChanged') this.release = content;
  }

  /** What an event needs, before it is taken. */
  actOf({ type, stream, data, metadata }: Event): Act {
    const content = data as unknown as Data;
    const { actor, organisationId, scope } = metadata;
    const kind = kindIn(stream);
    const offer = this.offers.get(stream);
    const scopes = [...new Set([scope.id, organisationId ?? PLATFORM, PLATFORM])];
    const own = content.grant?.role;
    if (type === 'BuiltInRolesChanged') return 'release';
    if (type === 'InvitationIssued' && actor === 'system') return content.grant?.linkId ? 'link' : 'first-start';
    if (type === 'InvitationAccepted') {
      if (kind !== 'staff') return 'oneself';
      if (offer!.issuer === 'system') return 'first-start';
      return { by: offer!.issuer, permission: 'staff.manage', scopes, gives: [own!] };
    }
    const needs = (permission: string | null, ...gives: (string | undefined)[]): Act => ({
      by: actor,
      permission,
      scopes,
      gives: gives.filter((role) => role !== undefined),
    });
    switch (type) {
      case 'InvitationIssued':
      case 'InvitationReissued':
      case 'InvitationChanged':
        if (kind === 'groupMember') return needs(null);
        if (kind === 'patient') return needs('patients.manage');
        if (kind === 'observer') return needs('staff.manage');
        return type === 'InvitationIssued'
          ? needs('staff.manage', own)
          : needs('staff.manage', offer!.role, ...(type === 'InvitationChanged' ? [own] : []));
      case 'StaffRoleChanged':
        return needs('staff.manage', content.from, content.to);
      case 'GroupPermissionsChanged':
        return needs(null);
      case 'PatientOffboarded':
        return needs('patients.offboard');
      case 'PatientReactivated':
      case 'PatientLinkCreated':
        return needs('patients.manage');
      case 'OrganisationCreated':
        return needs('organisation.create');
      case 'DeploymentCreated':
        return needs('deployment.manage');
      case 'GroupCreated':
      case 'GroupFounderJoined':
        return needs('groups.create');
      case 'RoleDefined':
      case 'RoleEdited':
      case 'RoleDeleted':
        return needs('roles.edit');
      default:
        return 'nothing';
    }
  }

  /** The standings that let their holders do it, the nearest first: those that suffice before those that only permit. */
  able({ permission, scopes, gives }: Exclude<Act, string>): Standing[] {
    const near = scopes.flatMap((scope) =>
      [...(this.byScope.get(scope) ?? [])].map((stream) => this.held.get(stream)!),
    );
    const permitting = near.filter((one) => this.permits(one, permission));
    const [sufficing, rest] = [[] as Standing[], [] as Standing[]];
    for (const one of permitting)
      (gives.every((role) => this.mayGive(this.meant(one.role), this.meant(role))) ? sufficing : rest).push(one);
    return [...sufficing, ...rest];
  }

  /** The one by which a person could do it; null: none. */
  authority(act: Exclude<Act, string>): Standing | null {
    return this.able(act).find(({ person }) => person === act.by) ?? null;
  }

  /** Whether a person's own standing suffices for it. */
  suffices(one: Standing, { gives }: Exclude<Act, string>): boolean {
    return gives.every((role) => this.mayGive(this.meant(one.role), this.meant(role)));
  }

  /** The roles that a role's holders go through to what it means: deleted ones, and the last one. */
  private path(role: string): string[] {
    const path: string[] = [];
    for (let next: string | null | undefined = role; next && !path.includes(next);) {
      path.push(next);
      next = this.customRoles.get(next)?.successor;
    }
    return path;
  }

  private isDeleted(role: string): boolean {
    return this.customRoles.get(role)?.successor !== undefined;
  }

  private isCustom(role: string): boolean {
    return this.customRoles.has(role);
  }

  private hold(standing: Standing): void {
    this.held.set(standing.stream, standing);
    const there = this.byScope.get(standing.scope) ?? new Set();
    this.byScope.set(standing.scope, there.add(standing.stream));
  }

  private turn(stream: string, role: string, since: number): void {
    const before = this.held.get(stream);
    if (before) this.held.set(stream, { ...before, role, since });
  }

  private permits({ kind, role }: Standing, permission: string | null): boolean {
    if (kind === 'groupMember') return permission === null && this.release!.sets[role]!.administrator;
    if (kind !== 'staff') return false;
    if (permission === null) return ['organisation-owner', 'super-admin'].includes(this.meant(role));
    return this.permissions(role).includes(permission);
  }

  /** The role that a deleted one means; itself where that leads nowhere. */
  private meant(role: string): string {
    const last = this.path(role).at(-1)!;
    return this.isDeleted(last) ? role : last;
  }

  private mayGive(giver: string, role: string): boolean {
    const row = this.release!.grants[giver];
    if (row) return this.isCustom(role) ? row.custom : row.roles.includes(role);
    if (!this.isCustom(giver) || !this.isCustom(role)) return false;
    const own = this.permissions(giver);
    return this.permissions(role).every((permission) => own.includes(permission));
  }

  private permissions(role: string): string[] {
    const listed = this.listed(this.meant(role));
    if (!listed) return [];
    return [...listed, ...listed.flatMap((one) => this.release!.implied[one] ?? []), 'deployment.view'];
  }

  private listed(role: string): string[] | undefined {
    if (this.isDeleted(role)) return undefined;
    return this.customRoles.get(role)?.permissions ?? this.release!.roles.find(({ id }) => id === role)?.permissions;
  }
}

function kindIn(stream: string): string {
  return stream.slice(0, stream.indexOf('-'));
}
