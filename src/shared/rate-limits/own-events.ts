import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { sql } from 'kysely';
import { Clock } from '../time/clock.js';
import { Database } from '../database/database.js';
import { beginWork } from '../request-context/request-context.js';
import { Sweeps } from '../cluster/sweeps.js';
import { RuleBroken } from '../problems/problem-codes.js';
import type { OwnEventTables } from './own-event-table.js';

const HOUR_MS = 60 * 60 * 1000;

/**
 * Limits the events that people append about themselves in an hour. The database counts them for all instances. Source:
 * docs/domain.md §6.4
 */
@Injectable()
export class OwnEvents {
  /** @param perHour 0: no limit */
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly sweeps: Sweeps,
    private readonly perHour: number,
  ) {}

  /**
   * Counts an event that is about to be appended, if its actor is its subject.
   * @throws RuleBroken `too-many-requests` with Retry-After
   */
  async count(actor: string, subject: string): Promise<void> {
    beginWork();
    if (actor !== subject || this.perHour === 0) return;
    const now = this.clock.now();
    const { events, since } = await this.countedNow(subject, now);
    if (events <= this.perHour) return;
    throw new RuleBroken('too-many-requests', {
      retryAfter: Math.max(1, Math.ceil((new Date(since).getTime() + HOUR_MS - now.getTime()) / 1000)),
    });
  }

  /** Removes the counts of past hours. */
  @Interval(HOUR_MS)
  async sweep(): Promise<void> {
    await this.sweeps.run(async () =>
      this.database
        .kysely<OwnEventTables>()
        .deleteFrom('own_event_count')
        .where('since', '<=', hourBefore(this.clock.now()))
        .execute(),
    );
  }

  /**
   * Counts in one statement, so that concurrent calls are counted one after the other. A refused call doesn't extend
   * the hour.
   */
  private async countedNow(personId: string, now: Date): Promise<{ events: number; since: string }> {
    const { rows } = await sql<{ events: number; since: string }>`
      insert into own_event_count as own (person_id, since, events) values (${personId}, ${now.toISOString()}, 1)
      on conflict (person_id) do update set
        since = case when own.since <= ${hourBefore(now)}::timestamptz then excluded.since else own.since end,
        events = case when own.since <= ${hourBefore(now)}::timestamptz then 1 else least(own.events, ${this.perHour}) + 1 end
      returning events, since`.execute(this.database.kysely<OwnEventTables>());
    const [row] = rows;
    if (!row) throw new TypeError('own_event_count returned no row');
    return row;
  }
}

function hourBefore(now: Date): string {
  return new Date(now.getTime() - HOUR_MS).toISOString();
}
