import { Injectable } from '@nestjs/common';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { PLATFORM, type ScopeKind, type ScopeRef } from '../scope-ref.js';
import { scopeFrom, scopeStream, type ScopeDeclaration } from './scope-decider.js';
import type { Policies, ScopeProfile } from './scope-profile.js';

/** A scope, as commands need it. */
export interface Scope extends ScopeRef {
  name: string;
  /** Itself for an organisation, null for the platform. */
  organisation: { id: string; name: string } | null;
  /** Whether the scope, or a scope above, is archived. */
  archived: boolean;
  /** Its own policies. Those of the scope above hold where it has none. */
  policies: Policies;
  /** The scopes whose roles hold in this one, itself first. */
  coveredBy: readonly ScopeRef[];
}

export type ScopeLoader = (id: string, reads: StreamSource) => Promise<Scope | undefined>;

/**
 * Finds scopes of every kind; each module registers the kind that it owns. It reads scopes from the streams, not from a
 * read model.
 */
@Injectable()
export class Scopes {
  private readonly loaders = new Map<ScopeKind, ScopeLoader>([
    ['platform', async (id) => Promise.resolve(id === PLATFORM.id ? PLATFORM_SCOPE : undefined)],
  ]);

  private list: (organisationId: string) => Promise<string[]> = async () => Promise.resolve([]);

  constructor(private readonly store: EventStore) {}

  register(kind: ScopeKind, loader: ScopeLoader): void {
    this.loaders.set(kind, loader);
  }

  /**
   * Registers a kind of scope with a profile. Roles of the scope above hold in each, and its archiving archives each.
   */
  registerDeclared<Profile extends ScopeProfile>(of: ScopeDeclaration<Profile>): void {
    this.register(of.kind, async (id, reads) => {
      const state = scopeFrom(of, await reads.read(scopeStream(of, id)));
      const above = state.status === 'unknown' ? undefined : await this.load(of.above(state.profile), reads);
      if (state.status === 'unknown' || !above) return undefined;
      const ref = { kind: of.kind, id };
      const { name, privacyPolicyUrl, termsUrl } = state.profile;
      return {
        ...ref,
        name,
        organisation: above.organisation ?? { id, name },
        archived: state.status === 'archived' || above.archived,
        policies: {
          privacyPolicyUrl: privacyPolicyUrl ?? above.policies.privacyPolicyUrl,
          termsUrl: termsUrl ?? above.policies.termsUrl,
        },
        coveredBy: [ref, ...above.coveredBy],
      };
    });
  }

  /** @param list returns the ids of an organisation's deployments */
  registerBelow(list: (organisationId: string) => Promise<string[]>): void {
    this.list = list;
  }

  /** Ids of the scopes below an organisation in which its roles hold. May lag. */
  async below(organisationId: string): Promise<string[]> {
    return this.list(organisationId);
  }

  /** @param reads the source of the scope's streams: a command's read set, or the store */
  async load({ kind, id }: ScopeRef, reads: StreamSource = this.store): Promise<Scope | undefined> {
    return this.loaders.get(kind)?.(id, reads);
  }

  /** Each scope once, by id, without those that don't exist. */
  async loadAll(refs: readonly ScopeRef[]): Promise<Map<string, Scope>> {
    const distinct = new Map(refs.map((ref) => [ref.id, ref]));
    const scopes = await Promise.all([...distinct.values()].map(async (ref) => this.load(ref)));
    return new Map(scopes.flatMap((scope) => (scope ? [[scope.id, scope]] : [])));
  }
}

const PLATFORM_SCOPE: Scope = {
  ...PLATFORM,
  name: 'Rolecall',
  organisation: null,
  archived: false,
  policies: { privacyPolicyUrl: null, termsUrl: null },
  coveredBy: [PLATFORM],
};
