import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Sights } from '../../access/access.contract.js';
import type { ScopeKind } from '../../access/access.domain.contract.js';
import { Database } from '../../../shared/database/database.js';
import { uuids } from '../../../shared/database/lists.js';
import { HistoryRunner } from '../history-runner.js';
import { Stories } from '../timeline/stories.js';
import { HistoryAccess } from './history-access.js';
import type { Viewpoint } from './viewpoint.js';

/** An entry by its event, as one reader may know it. */
export interface LocatedEntry {
  stream: string;
  eventId: string;
  /** Turns stored ids of what the entry is about into those that the reader may know. */
  seeId(storedId: string): string;
}

interface Row {
  event_id: string;
  stream: string;
  kind: string;
  subject: string | null;
  organisation_id: string | null;
  scope_kind: ScopeKind;
  scope_id: string;
}

/** Finds an entry by the id of its event, or by the reader's alias of it. Source: docs/domain.md §16 */
@Injectable()
export class EntryLocator {
  constructor(
    private readonly sights: Sights,
    private readonly access: HistoryAccess,
    private readonly stories: Stories,
    private readonly runner: HistoryRunner,
    private readonly database: Database,
  ) {}

  /** @throws RuleBroken `read-model-behind` */
  async mustShowEverything(): Promise<void> {
    await this.runner.mustShowEverything();
  }

  /**
   * Finds an entry that the history shows already.
   * @throws RuleBroken `not-found` for an unknown event, and for one that the reader may not see
   */
  async find(reader: string, id: string): Promise<LocatedEntry> {
    let viewpoint: Viewpoint | undefined;
    const row = await this.sights.find(reader, id, {
      load: async (storedId) => (await this.rows([storedId]))[0],
      existing: async (ids) => (await this.rows(ids)).map(({ event_id: eventId }) => eventId),
      see: async (found) => {
        if (!(await this.stories.showEntry(reader, found))) return null;
        viewpoint = await this.access.viewpointAt(reader, { kind: found.scope_kind, id: found.scope_id });
        return viewpoint.sightOf(found.subject ?? '', found.kind, found);
      },
    });
    const identifies = viewpoint?.identifies(row.subject ?? '', row.kind, row) ?? false;
    return {
      stream: row.stream,
      eventId: row.event_id,
      seeId: (storedId) => viewpoint?.seeIds([storedId], identifies, row)[0] ?? '',
    };
  }

  private async rows(ids: readonly string[]): Promise<Row[]> {
    const { rows } = await sql<Row>`
      select event_id, stream, kind, subject, organisation_id, scope_kind, scope_id from history_entry
      where event_id = any(${uuids(ids)})`.execute(this.database.kysely());
    return rows;
  }
}
