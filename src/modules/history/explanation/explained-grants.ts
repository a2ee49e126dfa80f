import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Sights } from '../../access/access.contract.js';
import type { ScopeKind } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import { lines, uuids } from '../../../shared/database/lists.js';
import { StreamId } from '../../../shared/event-sourcing/stream-id.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import type { GrantRow } from '../access/grants-at.js';
import { HistoryAccess, type Reach } from '../reading/history-access.js';
import { holdsAt, PastFacts } from '../reading/past-facts.js';
import type { HeldGrant } from './chain-link.js';
import { HELD } from './chains.js';

/** How a reader names a grant: by its id, or by the membership that holds one. */
export type GrantName = { grant: string } | { membership: string; category: 'staff' | 'patient' | 'observer' };

/** A grant that a reader may follow. */
export interface FoundGrant {
  grant: HeldGrant & GrantRow;
  reach: Reach;
}

type Row = HeldGrant & Pick<GrantRow, 'from_at'>;

/** Finds grants by the ids that readers know. Source: docs/domain.md §16 */
@Injectable()
export class ExplainedGrants {
  constructor(
    private readonly sights: Sights,
    private readonly access: HistoryAccess,
    private readonly facts: PastFacts,
    private readonly database: Database,
  ) {}

  /** @throws RuleBroken `not-found`, also for a grant that nobody held at the number, and one that the reader may not see */
  async find(reader: string, name: GrantName, number: number): Promise<FoundGrant> {
    const isGrant = 'grant' in name;
    const reaches = new Map<string, Reach | null>();
    const found = await this.sights.find<Row[]>(reader, isGrant ? name.grant : name.membership, {
      load: async (id) => {
        const rows = await (isGrant ? this.byEvents([id]) : this.byKeys([StreamId.of(name.category, id)]));
        return rows.length > 0 ? rows : undefined;
      },
      existing: async (ids) =>
        isGrant
          ? (await this.byEvents(ids)).map(({ opened_by: id }) => id)
          : (await this.byKeys(ids.map((id) => StreamId.of(name.category, id)))).map(
              ({ key }) => StreamId.parse(key).uuid,
            ),
      see: async ([row]) => {
        if (!row) return null;
        const reach = await this.reachTo(reader, row, reaches);
        return reach && reach.viewpoint.sightOf(row.person_id, row.kind, row);
      },
    });
    const row = found.find((one) => holdsAt(one, number));
    const reach = row && (await this.reachTo(reader, row, reaches));
    if (!row || !reach) throw new RuleBroken('not-found');
    const scopes = await this.facts.scopesOf([
      row.scope_id,
      ...(row.organisation_id === null ? [] : [row.organisation_id]),
    ]);
    const [own, above] = [scopes.at(row.scope_id, number), scopes.at(row.organisation_id ?? '', number)];
    if (own?.state === 'deleted') throw new RuleBroken('not-found');
    const archived = own?.state === 'archived' || above?.state === 'archived';
    return { grant: { ...row, scope_name: own?.name ?? null, archived }, reach };
  }

  private async reachTo(reader: string, row: Row, reaches: Map<string, Reach | null>): Promise<Reach | null> {
    const known = reaches.get(row.scope_id);
    if (known !== undefined) return known;
    const reach = await this.access.reachFrom(reader, { kind: row.scope_kind as ScopeKind, id: row.scope_id });
    reaches.set(row.scope_id, reach);
    return reach;
  }

  private async byEvents(ids: readonly string[]): Promise<Row[]> {
    const { rows } = await sql<Row>`
      select ${HELD}, ${BEGAN} from grant_period g where g.opened_by = any(${uuids(ids)})`.execute(
      this.database.kysely(),
    );
    return rows;
  }

  private async byKeys(keys: readonly string[]): Promise<Row[]> {
    const { rows } = await sql<Row>`
      select ${HELD}, ${BEGAN} from grant_period g where g.key = any(${lines(keys)})`.execute(this.database.kysely());
    return rows;
  }
}

const BEGAN = sql.raw(`to_char(g.from_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as from_at`);
