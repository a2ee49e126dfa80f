import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization, type Scope, Scopes } from '../../access/access.contract.js';
import { type Permission, ROLE_PERMISSIONS, withImplied, PLATFORM } from '../../access/access.domain.contract.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { AccessAnswer, AccessQuestionDto, AccessReason } from './ask-access.dto.js';
import { GroupAccess } from '../group-access.js';
import type { KnownGroupFile } from './group-file.js';
import { fileAccess, groupFileFrom, groupFileStream } from './group-files.js';

/** Whether the caller has a permission in a scope or on a file, and what gives it, as stored at this moment. */
export class AskAccess extends Query<AccessAnswer> {
  constructor(
    readonly actor: string,
    readonly question: AccessQuestionDto,
  ) {
    super();
  }
}

@QueryHandler(AskAccess)
export class AskAccessHandler implements IQueryHandler<AskAccess> {
  constructor(
    private readonly authorization: Authorization,
    private readonly groupAccess: GroupAccess,
    private readonly scopes: Scopes,
    private readonly store: EventStore,
  ) {}

  /** @throws RuleBroken `not-found` for an id that the caller may not see */
  async execute({ actor, question: { scope: id, permission } }: AskAccess): Promise<AccessAnswer> {
    const [scope, history] = await Promise.all([this.find(id), this.store.read(groupFileStream(id))]);
    const file = groupFileFrom(history);
    const reason =
      file.status === 'there'
        ? await this.onFile(actor, file, permission)
        : scope?.kind === 'group'
          ? await this.inGroup(actor, id, permission)
          : await this.byRole(actor, scope, permission);
    return { scope: id, permission, allowed: reason !== null, ...(reason === null ? {} : { reason }) };
  }

  /** Searches every kind of scope, because an id doesn't show its kind. */
  private async find(id: string): Promise<Scope | undefined> {
    const kinds = id === PLATFORM.id ? (['platform'] as const) : (['organisation', 'deployment', 'group'] as const);
    return (await Promise.all(kinds.map(async (kind) => this.scopes.load({ kind, id })))).find(
      (scope) => scope !== undefined,
    );
  }

  private async byRole(actor: string, scope: Scope | undefined, permission: string): Promise<AccessReason | null> {
    if (!scope) throw new RuleBroken('not-found');
    const { effectivePermissions } = await this.authorization.requireEntry(actor, scope);
    const held = effectivePermissions.roles.find(
      ({ role }) => isRolePermission(permission) && withImplied(role.permissions).has(permission),
    );
    return held ? { by: 'role', role: held.role.id, roleName: held.role.name } : null;
  }

  private async inGroup(actor: string, id: string, permission: string): Promise<AccessReason | null> {
    const { permissions, isSuperAdmin, group } = await this.groupAccess.requireKnownToExist(actor, id);
    const has = {
      'group.view': permissions !== undefined,
      'group.administer': permissions?.administrator,
      'group.create-content': permissions?.contentCreator,
    };
    const given = isSuperAdmin && isRolePermission(permission) ? true : has[permission as keyof typeof has];
    if (!given || group.status === 'deleted') return null;
    return { by: isSuperAdmin ? 'platform' : 'permission-set' };
  }

  private async onFile(actor: string, file: KnownGroupFile, permission: string): Promise<AccessReason | null> {
    const authorization = await this.groupAccess.requireContentVisible(actor, file.groupId);
    const { mayView, mayEdit, reason } = fileAccess(authorization, file);
    const has = { 'file.view': mayView, 'file.edit': mayEdit };
    const given =
      authorization.isSuperAdmin && isRolePermission(permission) ? true : has[permission as keyof typeof has];
    return given ? { by: reason } : null;
  }
}

function isRolePermission(permission: string): permission is Permission {
  return (ROLE_PERMISSIONS as readonly string[]).includes(permission);
}
