import type { EntryRow } from '../fold/history-entry.js';

/** By what somebody could do what a link says. `grant`: by a grant of their own. `unknown`: the log doesn't say. */
export const BASES = ['grant', 'oneself', 'first-start', 'link', 'release', 'unknown'] as const;
export type Basis = (typeof BASES)[number];

/** What a chain ends with. `link` and `founder`: what it goes on from isn't a grant. `unknown`: some authority is. */
export const ENDS = ['first-start', 'link', 'founder', 'unknown'] as const;
export type End = (typeof ENDS)[number];

/** A grant at a stretch of numbers: a row of `grant_period`. */
export interface HeldGrant {
  /** The membership stream. */
  key: string;
  /** The number of the event that began it, which names the grant in an explanation. */
  from_number: number;
  to_number: number | null;
  opened_by: string;
  kind: string;
  person_id: string;
  role: string;
  organisation_id: string | null;
  scope_kind: string;
  scope_id: string;
}

/** An event that a permission follows from. */
export interface ChainLink {
  entry: EntryRow;
  /** Without a needed link the permission wouldn't be there. The others only show how it came. */
  isNeeded: boolean;
  /** Null for a link that isn't needed. */
  basis: Basis | null;
  /** The grant by which its actor could do it then; null where there is none. */
  authority: HeldGrant | null;
}

/** A grant whose links are wanted, as it was at a number. */
export interface Use {
  grant: HeldGrant;
  number: number;
}

/** The chain of a grant, and that of each authority by the number of the event that began it. */
export interface Explained {
  chain: readonly ChainLink[];
  authorities: ReadonlyMap<number, readonly ChainLink[]>;
  endsWith: End;
}
