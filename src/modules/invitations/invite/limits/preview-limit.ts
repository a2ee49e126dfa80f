import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { sql } from 'kysely';
import type { ScopeRef } from '../../../access/access.domain.contract.js';
import { Clock } from '../../../../shared/time/clock.js';
import { Database } from '../../../../shared/database/database.js';
import { Sweeps } from '../../../../shared/cluster/sweeps.js';
import { yieldToEventLoop } from '../../../../shared/resilience/event-loop.js';
import type { EmailAddress } from '../../../../shared/mail/email-address.js';
import { RuleBroken } from '../../../../shared/problems/problem-codes.js';
import type { LimitTables } from './limit-tables.js';

const HOUR_MS = 60 * 60 * 1000;
/**
 * Two addresses may share a bit. At 20,000 addresses, and at the largest limit, the count is wrong by a fifth of a per
 * cent.
 */
const BITS = 131_072;
export const MAX_PREVIEWS_PER_HOUR = 100_000;

/** How a caller previewed without inviting. `atomic-call` is a call that was refused with every outcome. */
export type PreviewKind = 'dry-run' | 'file-review' | 'atomic-call';

export interface Preview {
  kind: PreviewKind;
  actor: string;
  scope: ScopeRef;
}

/**
 * Limits how many distinct addresses a caller previews in an hour, for all instances together, and logs each preview.
 * Source: docs/domain.md §6.4
 */
@Injectable()
export class PreviewLimit {
  private readonly logger = new Logger(PreviewLimit.name);
  private readonly key: KeyObject;

  /** @param perHour 0: no limit */
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly sweeps: Sweeps,
    private readonly perHour: number,
    personSecret: Buffer,
  ) {
    this.key = createSecretKey(personSecret);
  }

  /**
   * Counts the addresses that the caller has not previewed in this hour: all of them, or nothing.
   * @throws RuleBroken `quota-exceeded` with `left` and Retry-After
   */
  async count(preview: Preview, addresses: readonly EmailAddress[]): Promise<void> {
    if (this.perHour === 0 || addresses.length === 0) return;
    const { seen, bits } = await this.sketchOf(preview.actor, addresses);
    const now = this.clock.now();
    if (bits <= bitsOf(this.perHour) && (await this.added(preview.actor, seen, now))) return;
    const refusal = await this.refusal(preview.actor, now);
    this.logger.warn({
      ...named(preview),
      addresses: addresses.length,
      left: refusal.details.left,
      msg: 'a preview of invitations was refused: too many addresses in an hour',
    });
    throw refusal;
  }

  /** Logs the caller, the scope and the number of addresses by outcome. */
  note(preview: Preview, addresses: number, summary: Readonly<Record<string, number>>): void {
    this.logger.log({ ...named(preview), addresses, summary, msg: 'invitations were previewed' });
  }

  /** Removes the sketches of hours that are over. */
  @Interval(HOUR_MS)
  async sweep(): Promise<void> {
    await this.sweeps.run(async () =>
      this.database
        .kysely<LimitTables>()
        .deleteFrom('preview_sketch')
        .where('since', '<=', hourBefore(this.clock.now()))
        .execute(),
    );
  }

  /** The addresses as hexadecimal bits, and how many bits are set. Each caller's addresses select other bits. */
  private async sketchOf(actor: string, addresses: readonly EmailAddress[]): Promise<{ seen: string; bits: number }> {
    const yieldIfDue = yieldToEventLoop();
    const bytes = Buffer.alloc(BITS / 8);
    let bits = 0;
    for (const address of addresses) {
      await yieldIfDue();
      const at = createHmac('sha256', this.key).update(`preview|${actor}|${address}`).digest().readUInt32BE(0) % BITS;
      const [byte, bit] = [at >> 3, 0x80 >> (at & 7)];
      if (((bytes[byte] ?? 0) & bit) !== 0) continue;
      bytes[byte] = (bytes[byte] ?? 0) | bit;
      bits += 1;
    }
    return { seen: bytes.toString('hex'), bits };
  }

  /** Uses one statement, so that concurrent calls are counted one after the other. */
  private async added(actor: string, seen: string, now: Date): Promise<boolean> {
    const before = hourBefore(now);
    const { rows } = await sql`
      insert into preview_sketch as own (person_id, since, seen) values (${actor}, ${now.toISOString()}, ${`x${seen}`}::text::varbit)
      on conflict (person_id) do update set
        since = case when own.since <= ${before}::timestamptz then excluded.since else own.since end,
        seen = case when own.since <= ${before}::timestamptz then excluded.seen else own.seen | excluded.seen end
      where own.since <= ${before}::timestamptz or bit_count(own.seen | excluded.seen) <= ${bitsOf(this.perHour)}
      returning person_id`.execute(this.database.kysely<LimitTables>());
    return rows.length > 0;
  }

  private async refusal(actor: string, now: Date): Promise<RuleBroken> {
    const {
      rows: [row],
    } = await sql<{ since: string; bits: string }>`
      select since, bit_count(seen)::text as bits from preview_sketch where person_id = ${actor} and since > ${hourBefore(now)}::timestamptz`.execute(
      this.database.kysely<LimitTables>(),
    );
    const left = Math.max(0, this.perHour - addressesOf(Number(row?.bits ?? 0)));
    const wait = row ? new Date(row.since).getTime() + HOUR_MS - now.getTime() : HOUR_MS;
    return new RuleBroken('quota-exceeded', { left, retryAfter: Math.max(1, Math.ceil(wait / 1000)) });
  }
}

/** The expected number of bits that this many distinct addresses set. Source: linear counting, Whang et al. 1990 */
function bitsOf(addresses: number): number {
  return Math.round(BITS * (1 - Math.exp(-addresses / BITS)));
}

function addressesOf(bits: number): number {
  return Math.round(-BITS * Math.log(1 - bits / BITS));
}

function named({ kind, actor, scope }: Preview): object {
  return { asked: kind, actor, scope: { kind: scope.kind, id: scope.id } };
}

function hourBefore(now: Date): string {
  return new Date(now.getTime() - HOUR_MS).toISOString();
}
