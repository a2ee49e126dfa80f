/** A page names so many addresses of one outcome, because it would take a browser seconds to draw thousands. */
export const MAX_NAMED = 200;

/** A longer group of invited addresses is folded, so that what was left out is seen first. */
const MAX_OPEN = 20;

interface NamedOutcome {
  outcome: string;
  email?: string | undefined;
}

/** What happened to the addresses of a call, or would happen. */
export interface Outcomes {
  kind: 'review' | 'sent';
  invited: number;
  /** How many addresses get no invitation. */
  left: number;
  groups: { outcome: string; chips: { text: string; reason: null }[]; count: number; more: number; isLong: boolean }[];
  /** The texts that are no address, and how many more than those there are. */
  mendings: string[];
  moreMendings: number;
  /** Rows of a file that gave no address. */
  rows: { line: number; text: string; reason: string }[];
  moreRows: number;
  /** All texts that are no address. */
  wrong: string[];
}

export function outcomesOf(
  kind: Outcomes['kind'],
  results: readonly NamedOutcome[],
  rows: readonly { line: number; text: string; reason: string }[] = [],
): Outcomes {
  const groups = [...Map.groupBy(results, ({ outcome }) => outcome)].filter(([outcome]) => outcome !== 'invalid-email');
  const of = (outcome: string) => results.filter((result) => result.outcome === outcome);
  const invited = of('invited').length;
  const wrong = of('invalid-email').map(({ email = '' }) => email);
  return {
    kind,
    invited,
    left: results.length - invited,
    groups: groups.map(([outcome, found]) => ({
      outcome,
      chips: found.slice(0, MAX_NAMED).map(({ email = '' }) => ({ text: email, reason: null })),
      count: found.length,
      more: Math.max(0, found.length - MAX_NAMED),
      isLong: outcome === 'invited' && found.length > MAX_OPEN,
    })),
    mendings: wrong.slice(0, MAX_NAMED),
    moreMendings: Math.max(0, wrong.length - MAX_NAMED),
    rows: rows.slice(0, MAX_NAMED).map(({ line, text, reason }) => ({ line, text, reason })),
    moreRows: Math.max(0, rows.length - MAX_NAMED),
    wrong,
  };
}
