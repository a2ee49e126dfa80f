import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import { FIELD_MESSAGES } from '../../../shared/http/field-messages.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { Clock } from '../../../shared/time/clock.js';

/** The log's beginning up to and including the event with a number. -1: before every event. */
export interface Instant {
  number: number;
  /** The instant asked for, or the effective time of its last event: ISO UTC; null before every event. */
  at: string | null;
  /** False while an event of an earlier time could still be recorded. */
  settled: boolean;
}

/** A time or a number, as a caller names an instant; neither: now. */
export interface InstantAsked {
  at?: string | undefined;
  number?: number | undefined;
}

/** The clocks of two hosts differ by less than this. */
const SETTLED_AFTER_MS = 5000;

/** Turns times into numbers of the log, and back. Call it when the history shows everything. */
@Injectable()
export class Instants {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * @param names how the caller names the time and the number, for the refusal
   * @throws RuleBroken `invalid-input` for an instant later than now, and for both a time and a number
   */
  async find({ at, number }: InstantAsked, names = { at: 'at', number: 'number' }): Promise<Instant> {
    if (at !== undefined && number !== undefined) throw invalid(names.number, FIELD_MESSAGES.onlyOneOf(names.at));
    if (at !== undefined) return this.byTime(at, names.at);
    const last = await this.entryBy(sql`true`);
    if (number === undefined) return { number: last?.number ?? -1, at: last?.at ?? null, settled: true };
    if (number > (last?.number ?? -1)) throw invalid(names.number, FIELD_MESSAGES.notLater);
    return { number, at: (await this.entryBy(sql`number = ${number}::float8::bigint`))?.at ?? null, settled: true };
  }

  private async byTime(at: string, name: string): Promise<Instant> {
    const [now, time] = [this.clock.now().getTime(), Date.parse(at)];
    if (time > now) throw invalid(name, FIELD_MESSAGES.notLater);
    const last = await this.entryBy(sql`effective_at <= ${at}::timestamptz`);
    return {
      number: last?.number ?? -1,
      at: new Date(time).toISOString(),
      settled: now - time >= SETTLED_AFTER_MS,
    };
  }

  /** The last entry that meets a condition on the number or the effective time, which grow together. */
  private async entryBy(condition: ReturnType<typeof sql>): Promise<{ number: number; at: string } | undefined> {
    const { rows } = await sql<{ number: number; at: string }>`
      select number::float8 as number, to_char(effective_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
      from history_entry where ${condition} order by history_entry.effective_at desc, history_entry.number desc limit 1`.execute(
      this.database.kysely(),
    );
    return rows[0];
  }
}

function invalid(field: string, message: string): RuleBroken {
  return new RuleBroken('invalid-input', { errors: [{ field, message }] });
}
