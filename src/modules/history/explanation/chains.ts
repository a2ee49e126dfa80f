import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { roleStream } from '../../access/access.contract.js';
import { SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { RoleHistory } from '../access/role-history.js';
import type { EntryRow } from '../fold/history-entry.js';
import { PastFacts } from '../reading/past-facts.js';
import { readStreams } from '../timeline/entry-query.js';
import type { ChainLink, End, Explained, HeldGrant, Use } from './chain-link.js';
import {
  CREATIONS,
  DEFINITIONS,
  linkBehind,
  linksOf,
  membershipOf,
  ON_MEMBERSHIPS,
  RELEASES,
  STATES,
} from './grant-links.js';
import { authorityFor, type Power, powerBehind } from './powers.js';

const TYPES = [...ON_MEMBERSHIPS, ...CREATIONS, ...STATES, ...DEFINITIONS, 'BuiltInRolesChanged', 'PatientLinkCreated'];

/** In the place of a number: the grant that is asked about, which may be an authority too. */
const ASKED = -1;

/** The events and grants that chains are made of, as far as they are read. */
interface Known {
  entries: Map<string, readonly EntryRow[]>;
  held: HeldGrant[];
  people: Set<string>;
  roles: RoleHistory;
}

/** Links whose authority is still sought. */
interface Sought {
  link: ChainLink;
  power: Power;
}

/**
 * Finds the chain of events that a grant follows from, and those of the grants by whose authority they happened. Each
 * step backwards takes a fixed number of queries for all grants together.
 */
@Injectable()
export class Chains {
  constructor(
    private readonly database: Database,
    private readonly facts: PastFacts,
  ) {}

  async explain(grant: HeldGrant, number: number): Promise<Explained> {
    const known: Known = {
      entries: new Map(),
      held: [],
      people: new Set(),
      roles: new RoleHistory(await this.facts.allRolesOf(grant.organisation_id)),
    };
    const chains = new Map<number, Map<number, ChainLink>>();
    const used = new Set<string>();
    for (let uses: Use[] = [{ grant, number }]; uses.length > 0;) {
      await this.readEntries(uses, known);
      const isAsked = used.size === 0;
      const sought = uses.flatMap((use) => addLinks(use, isAsked ? ASKED : use.grant.from_number, chains, known));
      for (const use of uses) used.add(keyOf(use));
      await this.readHeld(sought, known);
      // An authority held before its link, so the numbers only fall, and the search ends.
      uses = sought.flatMap(({ link, power }) => {
        link.authority = authorityFor(power, known.held, known.roles);
        link.basis = link.authority ? 'grant' : 'unknown';
        return link.authority ? [{ grant: link.authority, number: power.number }] : [];
      });
      uses = [...new Map(uses.map((use) => [keyOf(use), use])).values()].filter((use) => !used.has(keyOf(use)));
    }
    const ordered = new Map(
      [...chains].map(([from, links]) => [from, [...links.values()].sort((a, b) => a.entry.number - b.entry.number)]),
    );
    const chain = ordered.get(ASKED) ?? [];
    ordered.delete(ASKED);
    return { chain, authorities: ordered, endsWith: endOf({ grant, number }, ordered, chain, known) };
  }

  /** Reads the streams that the chains of these grants lie on. */
  private async readEntries(uses: readonly Use[], known: Known): Promise<void> {
    await this.readStreamsOf(uses.flatMap(streamsOf), known);
    const links = uses.flatMap((use) => linkBehind(membershipOf(use, known.entries)) ?? []);
    await this.readStreamsOf(
      links.map((id) => StreamId.of('patientLink', id)),
      known,
    );
  }

  private async readStreamsOf(streams: readonly string[], { entries }: Known): Promise<void> {
    const missing = new Set(streams.filter((stream) => !entries.has(stream)));
    const rows = Map.groupBy(await readStreams(this.database, missing, TYPES), ({ stream }) => stream);
    for (const stream of missing) entries.set(stream, rows.get(stream) ?? []);
  }

  /** Reads what the people ever held whose authority is sought. */
  private async readHeld(sought: readonly Sought[], { people, held }: Known): Promise<void> {
    const missing = new Set(sought.map(({ power }) => power.person).filter((id) => id !== SYSTEM && !people.has(id)));
    if (missing.size === 0) return;
    for (const id of missing) people.add(id);
    const { rows } = await sql<HeldGrant>`
      select ${HELD} from grant_period g where g.person_id = any(${uuids(missing)})`.execute(this.database.kysely());
    held.push(...rows);
  }
}

/** The columns of a grant. */
export const HELD = sql.raw(
  'g.key, g.from_number::float8 as from_number, g.to_number::float8 as to_number, g.opened_by, g.kind, g.person_id, g.role, g.organisation_id, g.scope_kind, g.scope_id',
);

function streamsOf({ grant }: Use): string[] {
  const { key, scope_kind: kind, scope_id: id, organisation_id: organisationId } = grant;
  const above =
    organisationId === null ? [] : [StreamId.of('organisation', organisationId), roleStream(organisationId)];
  return [key, StreamId.of(kind, id), ...above, RELEASES];
}

/** Adds the links of a grant to its chain. @returns those whose authority is to be found */
function addLinks(use: Use, of: number, chains: Map<number, Map<number, ChainLink>>, known: Known): Sought[] {
  const chain = chains.get(of) ?? new Map<number, ChainLink>();
  chains.set(of, chain);
  return linksOf(use, known.entries, known.roles, of === ASKED).flatMap(({ entry, isNeeded }): Sought[] => {
    const before = chain.get(entry.number);
    if (before && (before.isNeeded || !isNeeded)) return [];
    const link: ChainLink = { entry, isNeeded, basis: null, authority: null };
    chain.set(entry.number, link);
    if (!isNeeded) return [];
    const power = powerBehind(entry, use, known.entries);
    if (typeof power === 'object') return [{ link, power }];
    link.basis = power;
    return [];
  });
}

function keyOf({ grant, number }: Use): string {
  return `${String(grant.from_number)} ${String(number)}`;
}

function endOf(
  use: Use,
  authorities: ReadonlyMap<number, readonly ChainLink[]>,
  chain: readonly ChainLink[],
  { entries }: Known,
): End {
  const links = [...chain, ...[...authorities.values()].flat()];
  if (links.some(({ basis }) => basis === 'unknown')) return 'unknown';
  const membership = membershipOf(use, entries);
  if (membership.opening?.type === 'GroupFounderJoined') return 'founder';
  return linkBehind(membership) === undefined ? 'first-start' : 'link';
}
