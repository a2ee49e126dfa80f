import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import type { ReadSet } from '../../../shared/event-sourcing/append-condition.js';
import { CommandHandling, newId, type DomainEvent } from '../../../shared/event-sourcing/command-handling.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { PageByName } from '../../../shared/http/lists/page-by-name.js';
import type { Page, PageRequest } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Authorization, type AuthorizationResult } from '../authorization.js';
import type { EffectivePermissions } from '../effective-permissions.js';
import type { Permission } from '../permissions.js';
import type { ScopeRef } from '../scope-ref.js';
import { targetsOf, type TargetsDto } from './profile.dto.js';
import { archiveScope, createScope, editScope, restoreScope, scopeFrom, scopeStream } from './scope-decider.js';
import type { Archivable, ScopeDeclaration } from './scope-decider.js';
import { scopeView, type ScopeRow, type ScopeView } from './scope-list.projection.js';
import type { ScopeProfile } from './scope-profile.js';
import { Scopes } from './scopes.js';

/** The scopes that a list shows. */
interface Listed {
  /** Authorises the caller in the scope above the listed ones. */
  authorise: () => Promise<AuthorizationResult>;
  /** Ids of the scopes that a caller without a role there sees. */
  own: () => Promise<string[]>;
}

export type ScopeListRequest = PageRequest & { q?: string | undefined };

/** Creates, changes, finds and lists organisations and deployments. */
@Injectable()
export class ArchivableScopes {
  constructor(
    private readonly authorization: Authorization,
    private readonly commandHandling: CommandHandling,
    private readonly database: Database,
    private readonly scopes: Scopes,
    private readonly store: EventStore,
  ) {}

  /** @throws RuleBroken `not-found`, `forbidden` and `scope-archived` of the scope above */
  async create<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    actor: string,
    needs: Permission,
    profile: Profile,
  ): Promise<ScopeView<Profile>> {
    const id = newId(of.kind);
    const above = of.above(profile);
    await this.commandHandling.retrying(async (reads) => {
      const { scope } = await this.authorization.requireWrite(actor, needs, above, reads);
      await this.commandHandling.decide({
        stream: scopeStream(of, id),
        eventContext: { actor, scope: { kind: of.kind, id }, organisationId: scope.organisation?.id ?? id },
        decide: (history) => createScope(of, scopeFrom(of, history), profile),
        onlyIf: reads,
      });
    });
    return scopeView({ id, profile, archived: false });
  }

  /** Changes the fields that the call has. @throws RuleBroken `not-found`, `forbidden`, `scope-archived` */
  async edit<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    actor: string,
    id: string,
    needs: Permission,
    { targets, ...changes }: Partial<Omit<Profile, 'targets'>> & { targets?: TargetsDto },
  ): Promise<ScopeView<Profile>> {
    return this.change(of, actor, id, needs, (state) =>
      editScope(of, state, {
        ...changes,
        ...(targets && state.status !== 'unknown' ? { targets: targetsOf(targets, state.profile.targets) } : {}),
      } as Partial<Profile>),
    );
  }

  /** @throws RuleBroken `not-found`, `forbidden`, `scope-archived` */
  async archive<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    actor: string,
    id: string,
    needs: Permission,
  ): Promise<ScopeView<Profile>> {
    return this.change(of, actor, id, needs, (state) => archiveScope(of, state));
  }

  /**
   * Restores a scope, for super-admins alone.
   * @throws RuleBroken `not-found`, `forbidden`; `scope-archived` if the scope above is archived
   */
  async restore<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    actor: string,
    id: string,
  ): Promise<ScopeView<Profile>> {
    return this.change(of, actor, id, 'super-admin', (state) => restoreScope(of, state));
  }

  /**
   * The scope for callers who may see it, with their permissions there.
   * @throws RuleBroken `not-found`, `offboarded`
   */
  async get<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    actor: string,
    id: string,
  ): Promise<{ view: ScopeView<Profile>; effectivePermissions: EffectivePermissions }> {
    const { scope, effectivePermissions } = await this.authorization.requireEntry(actor, { kind: of.kind, id });
    return { view: { ...(await this.find(of, id)), archived: scope.archived }, effectivePermissions };
  }

  /** Lists scopes by name, those whose name contains `q`: all for callers with a role in the scope above, otherwise the caller's own. May lag. */
  async list<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    request: ScopeListRequest,
    { authorise, own }: Listed,
  ): Promise<Page<ScopeView<Profile>>> {
    const page = new PageByName(request);
    const { scope, effectivePermissions } = await authorise();
    let rows = this.database.kysely<Record<string, ScopeRow<Profile>>>().selectFrom(of.kind).selectAll();
    if (scope.organisation) rows = rows.where(sql<boolean>`organisation_id = ${scope.organisation.id}`);
    const text = request.q?.trim().normalize('NFC').toLowerCase() ?? '';
    if (text !== '') rows = rows.where(sql<boolean>`position(${text} in lower(name)) > 0`);
    if (effectivePermissions.roles.length === 0) rows = rows.where(sql<boolean>`id = any(${uuids(await own())})`);
    const { items, nextCursor } = await page.of(rows.$castTo<ScopeRow<Profile>>());
    return { items: items.map((row) => scopeView({ ...row, archived: row.archived || scope.archived })), nextCursor };
  }

  private async change<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    actor: string,
    id: string,
    needs: Permission | 'super-admin',
    decide: (state: Archivable<Profile>) => DomainEvent[],
  ): Promise<ScopeView<Profile>> {
    const ref: ScopeRef = { kind: of.kind, id };
    await this.commandHandling.retrying(async (reads) => {
      const { scope } = await this.authorise(actor, needs, ref, reads);
      const [, above] = scope.coveredBy;
      const isShut = above && (await this.scopes.load(above, reads))?.archived;
      await this.commandHandling.decide({
        stream: scopeStream(of, id),
        eventContext: { actor, scope: ref, organisationId: scope.organisation?.id ?? null },
        onlyIf: reads,
        decide: (history) => {
          // The check is in the decision, because a repeated call must find what it stored before a crash.
          if (isShut) throw new RuleBroken('scope-archived');
          return decide(scopeFrom(of, history));
        },
      });
    });
    return this.find(of, id);
  }

  private async authorise(
    actor: string,
    needs: Permission | 'super-admin',
    ref: ScopeRef,
    reads: ReadSet,
  ): Promise<AuthorizationResult> {
    return needs === 'super-admin'
      ? this.authorization.requireSuperAdmin(actor, ref, reads)
      : this.authorization.requireRead(actor, needs, ref, reads);
  }

  private async find<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    id: string,
  ): Promise<ScopeView<Profile>> {
    const state = scopeFrom(of, await this.store.read(scopeStream(of, id)));
    if (state.status === 'unknown') throw new RuleBroken('not-found');
    return scopeView({ id, profile: state.profile, archived: state.status === 'archived' });
  }
}
