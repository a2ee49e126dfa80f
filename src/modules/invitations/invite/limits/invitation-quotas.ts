import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { sql } from 'kysely';
import { PLATFORM } from '../../../access/access.domain.contract.js';
import { Clock } from '../../../../shared/time/clock.js';
import { Database } from '../../../../shared/database/database.js';
import { SYSTEM } from '../../../../shared/event-sourcing/command-handling.js';
import { Sweeps } from '../../../../shared/cluster/sweeps.js';
import { KeyedMutex } from '../../../../shared/resilience/keyed-mutex.js';
import { RuleBroken } from '../../../../shared/problems/problem-codes.js';
import { LimitSettings } from './limit-settings.js';
import type { LimitTables, QuotaKind } from './limit-tables.js';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/**
 * An instance takes this fraction of a quota ahead, so that most calls need no database. It takes nothing ahead of a
 * small quota.
 */
const AHEAD = 1000;

interface Quota {
  kind: QuotaKind;
  id: string;
  most: number;
}

/**
 * The part of a quota that this instance took and has not used yet.
 * @param since when the quota's day began: milliseconds
 */
interface Stock {
  left: number;
  since: number;
}

/** A quota that a call took from, and when that quota's day began. */
interface Taken {
  quota: Quota;
  since: number;
}

/**
 * Limits the addresses that are invited in a day, per organisation and per caller. The database counts them for all
 * instances together. An instance takes a little ahead, so that a call about one address costs no statement. A day
 * begins with the first address. Source: docs/domain.md §6.4
 */
@Injectable()
export class InvitationQuotas {
  private readonly stocks = new Map<string, Stock>();
  private readonly queue = new KeyedMutex();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly sweeps: Sweeps,
    private readonly limits: LimitSettings,
  ) {}

  /** The quota use of one call by this caller, with nothing taken yet. */
  forCall(actor: string): QuotaUse {
    return new QuotaUse(this, actor);
  }

  /**
   * Takes `count` of every quota, or nothing of any.
   * @throws RuleBroken `quota-exceeded` with `left` and Retry-After
   */
  async take(actor: string, organisationId: string | null, count: number): Promise<Taken[]> {
    const quotas = this.quotasOf(actor, organisationId);
    return (
      this.takeFromStock(quotas, count) ??
      this.queue.run('', async () => {
        // Concurrent calls may restock enough meanwhile, or take what was restocked.
        for (;;) {
          const taken = this.takeFromStock(quotas, count);
          if (taken) return taken;
          await this.restock(quotas, count);
        }
      })
    );
  }

  /** Gives back counts that a call took and did not use. Drops counts of a day that is over. */
  async giveBack(taken: readonly Taken[], count: number): Promise<void> {
    const rest = taken.filter(({ quota, since }) => {
      const stock = this.stocks.get(keyOf(quota));
      if (count > aheadOf(quota) || stock?.since !== since) return true;
      stock.left += count;
      return false;
    });
    await this.giveBackToAll(rest.map(({ quota, since }) => ({ kind: quota.kind, id: quota.id, since, count })));
  }

  /** Gives back what this instance took and has not used. */
  async giveAllBack(): Promise<void> {
    const stocks = [...this.stocks].map(([key, { left, since }]) => ({ ...idOf(key), since, count: left }));
    this.stocks.clear();
    await this.giveBackToAll(stocks.filter(({ count }) => count > 0));
  }

  /** Removes the counts of days that are over. */
  @Interval(HOUR_MS)
  async sweep(): Promise<void> {
    const dayBefore = this.clock.now().getTime() - DAY_MS;
    for (const [key, { since }] of this.stocks) if (since <= dayBefore) this.stocks.delete(key);
    await this.sweeps.run(async () =>
      this.database.kysely<LimitTables>().deleteFrom('invitation_quota').where('since', '<=', iso(dayBefore)).execute(),
    );
  }

  private quotasOf(actor: string, organisationId: string | null): Quota[] {
    const { organisation, caller } = this.limits.invitationsPerDay;
    const quotas: Quota[] = [{ kind: 'organisation', id: organisationId ?? PLATFORM.id, most: organisation }];
    if (actor !== SYSTEM) quotas.push({ kind: 'caller', id: actor, most: caller });
    return quotas.filter(({ most }) => most > 0);
  }

  private stockOf(quota: Quota): Stock | undefined {
    const stock = this.stocks.get(keyOf(quota));
    return stock && stock.since > this.clock.now().getTime() - DAY_MS ? stock : undefined;
  }

  private takeFromStock(quotas: readonly Quota[], count: number): Taken[] | null {
    const stocks = quotas.map((quota) => this.stockOf(quota));
    if (stocks.some((stock) => stock === undefined || stock.left < count)) return null;
    return stocks.flatMap((stock, n) => {
      const quota = quotas[n];
      if (!stock || !quota) return [];
      stock.left -= count;
      return [{ quota, since: stock.since }];
    });
  }

  /** Fills each stock to at least `count`, with some ahead where the quota allows it. */
  private async restock(quotas: readonly Quota[], count: number): Promise<void> {
    const short = quotas
      .map((quota) => ({ quota, missing: count - (this.stockOf(quota)?.left ?? 0) }))
      .filter(({ missing }) => missing > 0);
    const ahead = short.map(({ quota, missing }) => ({ quota, amount: missing + aheadOf(quota) }));
    const exact = short.map(({ quota, missing }) => ({ quota, amount: missing }));
    if (!(await this.takeFromAll(ahead)) && !(await this.takeFromAll(exact)))
      throw await this.exceeded(
        short.map(({ quota }) => quota),
        count,
      );
  }

  /**
   * Uses one transaction, so that nothing is taken when one quota is short. Rows are locked in one order, so that
   * instances can't deadlock.
   */
  private async takeFromAll(asked: readonly { quota: Quota; amount: number }[]): Promise<boolean> {
    if (asked.some(({ quota, amount }) => amount > quota.most)) return false;
    const now = this.clock.now().getTime();
    const [at, dayBefore] = [iso(now), iso(now - DAY_MS)];
    const rows = asked.map(({ quota: { kind, id, most }, amount }) => ({ kind, id, most, amount }));
    const statement = sql<{ kind: QuotaKind; id: string; since: string }>`
      insert into invitation_quota as own (kind, id, since, used)
      select kind, id, ${at}::timestamptz, amount from json_to_recordset(${JSON.stringify(rows)}::json) as asked (kind text, id uuid, amount int) order by kind, id
      on conflict (kind, id) do update set
        since = case when own.since <= ${dayBefore}::timestamptz then excluded.since else own.since end,
        used = case when own.since <= ${dayBefore}::timestamptz then excluded.used else own.used + excluded.used end
      where own.since <= ${dayBefore}::timestamptz
        or own.used + excluded.used <= (select most from json_to_recordset(${JSON.stringify(rows)}::json) as asked (kind text, id uuid, most int) where asked.kind = own.kind and asked.id = own.id)
      returning kind, id, since`;
    const taken = await this.database
      .transaction<LimitTables, { kind: QuotaKind; id: string; since: string }[]>(async (trx) => {
        const found = (await statement.execute(trx)).rows;
        if (found.length < asked.length) throw new TooLittle();
        return found;
      })
      .catch((error: unknown) => {
        if (error instanceof TooLittle) return null;
        throw error;
      });
    for (const row of taken ?? []) {
      const key = keyOf(row);
      const since = new Date(row.since).getTime();
      const stock = this.stocks.get(key);
      const amount = asked.find(({ quota }) => keyOf(quota) === key)?.amount ?? 0;
      this.stocks.set(key, { since, left: amount + (stock?.since === since ? stock.left : 0) });
    }
    return taken !== null;
  }

  private async giveBackToAll(
    rows: readonly { kind: QuotaKind; id: string; since: number; count: number }[],
  ): Promise<void> {
    if (rows.length === 0) return;
    const given = JSON.stringify(
      [...rows].sort((a, b) => keyOf(a).localeCompare(keyOf(b))).map((row) => ({ ...row, since: iso(row.since) })),
    );
    await sql`update invitation_quota own set used = greatest(0, own.used - given.count)
      from json_to_recordset(${given}::json) as given (kind text, id uuid, since timestamptz, count int)
      where own.kind = given.kind and own.id = given.id and own.since = given.since`.execute(this.database.kysely());
  }

  /** The refusal, with the rest of the smallest quota, and the time until the days of the exceeded quotas end. */
  private async exceeded(quotas: readonly Quota[], count: number): Promise<RuleBroken> {
    const now = this.clock.now().getTime();
    const { rows } = await sql<{ kind: QuotaKind; id: string; since: string; used: number }>`
      select kind, id, since, used from invitation_quota where id = any(string_to_array(${quotas.map(({ id }) => id).join(',')}::text, ',')::uuid[])`.execute(
      this.database.kysely(),
    );
    const states = quotas.map((quota) => {
      const row = rows.find(({ kind, id }) => kind === quota.kind && id === quota.id);
      const since = row ? new Date(row.since).getTime() : now;
      const isOver = since <= now - DAY_MS;
      return {
        left: Math.max(0, quota.most - (row && !isOver ? row.used : 0)) + (this.stockOf(quota)?.left ?? 0),
        wait: since + DAY_MS - now,
      };
    });
    const left = Math.min(...states.map((state) => state.left));
    const wait = Math.max(...states.filter((state) => state.left < count).map((state) => state.wait), 1000);
    return new RuleBroken('quota-exceeded', { left, retryAfter: Math.ceil(wait / 1000) });
  }
}

/** The use of quotas by one call. */
export class QuotaUse {
  private taken: Taken[] | undefined;
  private count = 0;

  constructor(
    private readonly quotas: InvitationQuotas,
    private readonly actor: string,
  ) {}

  /**
   * Takes one for each address that the call may invite. A retry takes nothing more.
   * @throws RuleBroken `quota-exceeded`
   */
  async take(organisationId: string | null, count: number): Promise<void> {
    if (this.taken || count === 0) return;
    this.taken = await this.quotas.take(this.actor, organisationId, count);
    this.count = count;
  }

  /** Gives back one for each address that the call did not invite. */
  async finish(invited: number): Promise<void> {
    const rest = this.count - invited;
    if (!this.taken || rest <= 0) return;
    const taken = this.taken;
    this.taken = [];
    await this.quotas.giveBack(taken, rest);
  }
}

class TooLittle extends Error {}

function aheadOf({ most }: Quota): number {
  return Math.floor(most / AHEAD);
}

function keyOf({ kind, id }: Pick<Quota, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}

function idOf(key: string): Pick<Quota, 'kind' | 'id'> {
  const [kind, id = ''] = key.split(' ');
  return { kind: kind as QuotaKind, id };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
