import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { containing } from '../../../shared/database/patterns.js';
import type { ReadSet } from '../../../shared/event-sourcing/append-condition.js';
import { CommandHandling, newId, type DomainEvent } from '../../../shared/event-sourcing/command-handling.js';
import { EventStore, revisionOf, type StoredEvent } from '../../../shared/event-sourcing/event-store.js';
import { PageByName, type PageByNameRequest } from '../../../shared/http/lists/page-by-name.js';
import type { CountedPage } from '../../../shared/http/lists/pagination.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Authorization, type AuthorizationResult } from '../authorization.js';
import type { EffectivePermissions } from '../effective-permissions.js';
import type { Permission } from '../permissions.js';
import type { ScopeRef } from '../scope-ref.js';
import { targetsOf, type TargetsDto } from './profile.dto.js';
import { archiveScope, createScope, editScope, restoreScope, scopeFrom, scopeStream } from './scope-decider.js';
import type { Archivable, ScopeDeclaration } from './scope-decider.js';
import {
  scopeView,
  type ScopeRow,
  type ScopeRowWithAbove,
  type ScopeView,
  type VersionedScopeView,
} from './scope-list.projection.js';
import type { ScopeProfile } from './scope-profile.js';
import { Scopes } from './scopes.js';

/** The version of a scope that was created and not changed since. */
const FIRST_VERSION = 1;

/** The scopes that a list shows. */
interface Listed {
  /** Authorises the caller in the scope above the listed ones. */
  authorise: () => Promise<AuthorizationResult>;
  /** Ids of the scopes that a caller without a role there sees. */
  own: () => Promise<string[]>;
}

export type ScopeListRequest = PageByNameRequest & { q?: string | undefined };

/** What a caller sees of all deployments: those of these organisations, and these. */
export interface SeenDeployments {
  within: readonly string[];
  own: readonly string[];
}

/** A deployment in a list of several organisations. */
export type ScopeViewWithAbove<Profile> = ScopeView<Profile> & {
  organisation: { id: string; name: string; archived: boolean };
};

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
  ): Promise<VersionedScopeView<Profile>> {
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
    return { ...scopeView({ id, profile, archived: false }), version: FIRST_VERSION };
  }

  /**
   * Changes the fields that the call has.
   * @param changes.version the version that the caller read; absent: any
   * @throws RuleBroken `not-found`, `forbidden`, `scope-archived`, `scope-changed`
   */
  async edit<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    actor: string,
    id: string,
    needs: Permission,
    { targets, version, ...changes }: Partial<Omit<Profile, 'targets'>> & { targets?: TargetsDto; version?: number },
  ): Promise<VersionedScopeView<Profile>> {
    return this.change(of, actor, id, needs, (state, present) => {
      const domainEvents = editScope(of, state, {
        ...changes,
        ...(targets && state.status !== 'unknown' ? { targets: targetsOf(targets, state.profile.targets) } : {}),
      } as Partial<Profile>);
      if (version !== undefined && version !== present) throw new RuleBroken('scope-changed');
      return domainEvents;
    });
  }

  /** @throws RuleBroken `not-found`, `forbidden`, `scope-archived` */
  async archive<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    actor: string,
    id: string,
    needs: Permission,
  ): Promise<VersionedScopeView<Profile>> {
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
  ): Promise<VersionedScopeView<Profile>> {
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
  ): Promise<{ view: VersionedScopeView<Profile>; effectivePermissions: EffectivePermissions }> {
    const { scope, effectivePermissions } = await this.authorization.requireEntry(actor, { kind: of.kind, id });
    return { view: { ...(await this.find(of, id)), archived: scope.archived }, effectivePermissions };
  }

  /** Lists scopes by name, those whose name contains `q`: all for callers with a role in the scope above, otherwise the caller's own. May lag. */
  async list<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    request: ScopeListRequest,
    { authorise, own }: Listed,
  ): Promise<CountedPage<ScopeView<Profile>>> {
    const page = new PageByName(request);
    const { scope, effectivePermissions } = await authorise();
    const db = this.database.kysely<Record<string, ScopeRow<Profile>>>();
    let rows = db.selectFrom(of.kind).selectAll();
    if (scope.organisation) rows = rows.where(sql<boolean>`organisation_id = ${scope.organisation.id}`);
    const text = searched(request);
    if (text !== '') rows = rows.where(sql<boolean>`lower(name) like ${containing(text)}`);
    if (effectivePermissions.roles.length === 0) rows = rows.where(sql<boolean>`id = any(${uuids(await own())})`);
    const { items, ...rest } = await page.of(db, rows.$castTo<ScopeRow<Profile>>());
    return { items: items.map((row) => scopeView({ ...row, archived: row.archived || scope.archived })), ...rest };
  }

  /**
   * Lists deployments of all organisations by name, those whose name contains `q`, and with `archived` those that are
   * archived or not, themselves or with their organisation. May lag.
   * @param seen what the caller sees; null: all
   */
  async listEverywhere<Profile extends ScopeProfile>(
    request: ScopeListRequest & { archived?: boolean | undefined },
    seen: SeenDeployments | null,
  ): Promise<CountedPage<ScopeViewWithAbove<Profile>>> {
    const page = new PageByName(request);
    const text = searched(request);
    const archived = sql<boolean>`(deployment.archived or organisation.archived)`;
    const conditions = [
      ...(seen ? [sql`(organisation_id = any(${uuids(seen.within)}) or deployment.id = any(${uuids(seen.own)}))`] : []),
      ...(text === '' ? [] : [sql`lower(deployment.name) like ${containing(text)}`]),
      ...(request.archived === undefined ? [] : [sql`${archived} = ${request.archived}`]),
    ];
    const listed = sql<ScopeRowWithAbove<Profile>>`(select deployment.id, deployment.name, deployment.profile,
      ${archived} as archived, organisation.id as above_id, organisation.name as above_name,
      organisation.archived as above_archived
      from deployment join organisation on organisation.id = organisation_id
      where ${conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `)})`;
    const db = this.database.kysely();
    const { items, ...rest } = await page.of(
      db,
      db.selectFrom(listed.as('listed')).selectAll().$castTo<ScopeRowWithAbove<Profile>>(),
    );
    return {
      items: items.map((row) => ({
        ...scopeView(row),
        organisation: { id: row.above_id, name: row.above_name, archived: row.above_archived },
      })),
      ...rest,
    };
  }

  private async change<Profile extends ScopeProfile>(
    of: ScopeDeclaration<Profile>,
    actor: string,
    id: string,
    needs: Permission | 'super-admin',
    decide: (state: Archivable<Profile>, version: number) => DomainEvent[],
  ): Promise<VersionedScopeView<Profile>> {
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
          return decide(scopeFrom(of, history), versionOf(history));
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
  ): Promise<VersionedScopeView<Profile>> {
    const history = await this.store.read(scopeStream(of, id));
    const state = scopeFrom(of, history);
    if (state.status === 'unknown') throw new RuleBroken('not-found');
    const view = scopeView({ id, profile: state.profile, archived: state.status === 'archived' });
    return { ...view, version: versionOf(history) };
  }
}

function versionOf(history: readonly StoredEvent[]): number {
  return FIRST_VERSION + revisionOf(history);
}

function searched({ q = '' }: ScopeListRequest): string {
  return q.trim().normalize('NFC').toLowerCase();
}
