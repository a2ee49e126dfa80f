import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ScopeKind } from '../../access/access.domain.contract.js';
import type { Locale } from '../../../shared/mail/texts.js';
import { GrantViews } from '../access/grant-views.js';
import { GrantsAt } from '../access/grants-at.js';
import { type InstantAsked, Instants } from '../access/instants.js';
import { HistoryRunner } from '../history-runner.js';
import type { Reach } from '../reading/history-access.js';
import { EntryViews } from '../timeline/entry-views.js';
import type { HistoryEntryView } from '../timeline/history.dto.js';
import type { ChainLink, Explained } from './chain-link.js';
import { Chains } from './chains.js';
import { ExplainedGrants, type GrantName } from './explained-grants.js';
import type { AnyLinkView, ExplanationView } from './explanation.dto.js';

/** Why a person held a grant at an instant: the events that it followed from, up to the first start. */
export class ExplainAccess extends Query<ExplanationView> {
  constructor(
    readonly reader: string,
    readonly name: GrantName,
    readonly asked: InstantAsked,
    readonly locale: Locale,
  ) {
    super();
  }
}

@QueryHandler(ExplainAccess)
export class ExplainAccessHandler implements IQueryHandler<ExplainAccess> {
  constructor(
    private readonly runner: HistoryRunner,
    private readonly instants: Instants,
    private readonly found: ExplainedGrants,
    private readonly chains: Chains,
    private readonly grants: GrantsAt,
    private readonly grantViews: GrantViews,
    private readonly entryViews: EntryViews,
  ) {}

  async execute({ reader, name, asked, locale }: ExplainAccess): Promise<ExplanationView> {
    // The history finds the grant, so it must know everything first.
    await this.runner.mustShowEverything();
    const instant = await this.instants.find(asked);
    const { grant, reach } = await this.found.find(reader, name, instant.number);
    const explained = await this.chains.explain(grant, instant.number);
    const view = await this.linkViews(explained, reach, locale);
    const meanings = await this.grants.meanings(grant.organisation_id, instant.number);
    const names = await this.grantViews.namesOf([grant]);
    return {
      ...instant,
      grant: this.grantViews.view(reach.viewpoint, reach.scope, grant, instant.number, meanings, names),
      chain: explained.chain.map(view),
      authorities: Object.fromEntries(
        reachable(explained, reach).map((from) => [from, (explained.authorities.get(from) ?? []).map(view)]),
      ),
      endsWith: explained.endsWith,
    };
  }

  /** How the reader sees links. One page of entries serves them all. */
  private async linkViews(
    { chain, authorities }: Explained,
    { viewpoint, shows }: Reach,
    locale: Locale,
  ): Promise<(link: ChainLink) => AnyLinkView> {
    const rows = new Map(
      [...chain, ...[...authorities.values()].flat()]
        .filter(({ entry }) => shows(entry))
        .map(({ entry }) => [entry.number, entry]),
    );
    const views = await this.entryViews.of(viewpoint, [...rows.values()], locale);
    const byNumber = new Map<number, HistoryEntryView>(views.map((view) => [view.number, view]));
    return ({ entry, isNeeded, basis, authority }) => {
      const shown = byNumber.get(entry.number);
      if (!shown) {
        const { kind, recorded_at: at, number, scope_kind: scopeKind } = entry;
        return { kind, at, number, scope: { kind: scopeKind as ScopeKind }, hidden: true };
      }
      const relevance = isNeeded ? 'needed' : 'context';
      const { id, ...about } = shown;
      return { id, ...about, relevance, basis, authority: authority?.from_number ?? null };
    };
  }
}

/** The authorities that visible links lead to. What only hidden links lead to stays hidden. */
function reachable({ chain, authorities }: Explained, { shows }: Reach): number[] {
  const found = new Set<number>();
  for (let links: readonly ChainLink[] = chain; links.length > 0;) {
    const next = links
      .filter(({ entry }) => shows(entry))
      .flatMap(({ authority }) => authority?.from_number ?? [])
      .filter((from) => !found.has(from));
    for (const from of next) found.add(from);
    links = next.flatMap((from) => authorities.get(from) ?? []);
  }
  return [...found].sort((a, b) => a - b);
}
