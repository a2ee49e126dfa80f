import type { AnyLinkView, ExplanationView } from '../../history/history.contract.js';

/** A link as the page shows it, with the chain of its authority below it. */
export interface ShownLink {
  number: number;
  at: string;
  isNeeded: boolean;
  /** Null for a link that the visitor may not see. */
  summary: string | null;
  /** Where it happened, where the visitor may not see more. */
  hiddenAt: string | null;
  reason: string | null;
  hasReason: boolean;
  /** Why it needed nobody's grant; null where a grant is its authority. */
  basis: string | null;
  authority: ShownAuthority | null;
}

/** The grant by which something happened. Its chain stands below the first link that it is the authority of. */
export interface ShownAuthority {
  number: number;
  /** The holder; null if the visitor may not see the grant. */
  name: string | null;
  /** Null below later links, which lead to the first one. */
  links: ShownLink[] | null;
}

/** Puts the chain of each authority below the first link that it is the authority of. */
export function explanationTree({ chain, authorities }: Pick<ExplanationView, 'chain' | 'authorities'>): ShownLink[] {
  const shown = new Set<number>();
  const treeOf = (links: readonly AnyLinkView[]): ShownLink[] => links.map(linkOf);
  const linkOf = (link: AnyLinkView): ShownLink => {
    const { number, at, scope } = link;
    if ('hidden' in link)
      return {
        number,
        at,
        isNeeded: true,
        summary: null,
        hiddenAt: scope.kind,
        reason: null,
        hasReason: false,
        basis: null,
        authority: null,
      };
    const { summary, reason, hasReason, relevance, basis, authority } = link;
    return {
      number,
      at,
      isNeeded: relevance === 'needed',
      summary,
      hiddenAt: null,
      reason: reason ?? null,
      hasReason,
      basis: basis === 'grant' ? null : basis,
      authority: authority === null ? null : authorityOf(authority),
    };
  };
  const authorityOf = (number: number): ShownAuthority => {
    const links = authorities[String(number)] ?? [];
    const began = links.find((link) => link.number === number);
    const name = began && !('hidden' in began) ? (began.subject?.name ?? null) : null;
    if (shown.has(number)) return { number, name, links: null };
    shown.add(number);
    return { number, name, links: treeOf(links) };
  };
  return treeOf(chain);
}
