import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { sql, type Expression, type ExpressionBuilder, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { Database } from '../../../shared/database/database.js';
import type { ReadSet } from '../../../shared/event-sourcing/append-condition.js';
import { CommandHandling, type EventContext, SYSTEM } from '../../../shared/event-sourcing/command-handling.js';
import { runInContext } from '../../../shared/request-context/request-context.js';
import { EventStore, type Position } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import type { AccountTables } from '../account-tables.js';
import type { SessionEnd, SessionStart } from './session.events.js';
import { endSession, sessionFrom, sessionStream, startSession } from './session.js';

type Db = Kysely<AccountTables>;
type Which = (rows: ExpressionBuilder<AccountTables, 'account_session'>) => Expression<SqlBool>;

/** A row of an ending session. */
interface Ending {
  id: string;
  user_id: string;
  ended_how: string | null;
}

/** After this time a session that wasn't answered for was abandoned by a crash. */
const STALE_MINUTES = 5;
/** Sessions whose end is recorded in one turn of the sweep. */
const MAX_SWEPT = 500;

/**
 * Records the start and the end of sessions. A session holds only while its row is `open`. A row is `starting` until
 * SessionStarted is stored, and `ending` until SessionEnded is, so that a crash in between loses neither.
 */
@Injectable()
export class SessionRegister {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly commandHandling: CommandHandling,
  ) {}

  /** Stores that the session began; only then it holds. It never does once the account was removed. */
  async start(id: string, personId: string, by: SessionStart): Promise<void> {
    await this.commandHandling.decideAlone(sessionStream(id), contextOf(personId), (history) =>
      startSession(sessionFrom(history), personId, by),
    );
    await this.db()
      .updateTable('account_session')
      .set({ state: 'open' })
      .where('id', '=', id)
      .where('state', '=', 'starting')
      .where('user_id', 'in', (query) =>
        query.selectFrom('account_user').select('id').where('id', '=', personId).forKeyShare(),
      )
      .execute();
  }

  /**
   * Ends sessions. They hold no longer from the first statement on.
   * @param actor the personId of who ends them, or `SYSTEM`
   * @returns how many ended
   */
  async end(which: Which, how: SessionEnd, actor: string): Promise<number> {
    const rows = await markEnding(this.db(), which, how);
    await this.finish(rows, actor);
    return rows.length;
  }

  /** Ends all sessions of a person. @param except the id of one that stays */
  async endAllOf(personId: string, how: SessionEnd, actor: string, except: string | null = null): Promise<number> {
    return this.end(
      (row) => row.and([row('user_id', '=', personId), ...(except === null ? [] : [row('id', '!=', except)])]),
      how,
      actor,
    );
  }

  /**
   * Ends the sessions of a person that began before this position of the log. It may run late: a session that began
   * since stays. Places also end because the person closes the account, and then the sessions end for that reason.
   */
  async endThoseBefore(personId: string, position: Position, how: SessionEnd, actor: string): Promise<void> {
    const rows = await this.db()
      .selectFrom('account_session')
      .select(['id', 'state'])
      .where('user_id', '=', personId)
      .execute();
    const histories = await this.store.readMany(rows.map(({ id }) => sessionStream(id)));
    const before = rows.filter(({ id, state }) => {
      const start = histories.get(sessionStream(id))?.[0];
      // Without an event it is about to begin, or an earlier version began it.
      return start ? this.store.comparePositions(start.position, position) < 0 : state === 'open';
    });
    if (before.length === 0) return;
    const ids = before.map(({ id }) => id);
    const isClosing = await this.db()
      .selectFrom('account_closing')
      .select('id')
      .where('id', '=', personId)
      .executeTakeFirst();
    await this.end((row) => row('id', 'in', ids), isClosing ? 'account-closed' : how, actor);
  }

  /**
   * Ends all sessions of another person. The ends are stored before the rows are marked, because that needs the read set
   * on which `actor` was authorised to hold.
   * @throws AppendConditionFailed
   */
  async endAllOnceAuthorised(personId: string, how: SessionEnd, actor: string, onlyIf: ReadSet): Promise<void> {
    const rows = await this.db()
      .selectFrom('account_session')
      .select(['id', 'user_id'])
      .where('user_id', '=', personId)
      .where('state', '!=', 'ending')
      .execute();
    await this.record(
      rows.map((row) => ({ ...row, ended_how: how })),
      actor,
      onlyIf,
    );
    await this.endAllOf(personId, how, actor);
  }

  /** Records the end of sessions of a person that were marked as ended. */
  async finishEnding(personId: string, actor: string): Promise<void> {
    const rows = await this.db()
      .selectFrom('account_session')
      .select(['id', 'user_id', 'ended_how'])
      .where('user_id', '=', personId)
      .where('state', '=', 'ending')
      .execute();
    await this.finish(rows, actor);
  }

  /** Ends what is over, and records what a crash left behind. Runs by schedule. @param idleBefore absent: no idle end */
  async sweep(idleBefore: Date | null): Promise<void> {
    const now = new Date().toISOString();
    const stale = new Date(Date.now() - STALE_MINUTES * 60_000).toISOString();
    await markEnding(
      this.db(),
      (row) => row.and([row('state', '=', 'starting'), row('created_at', '<', stale)]),
      'abandoned',
    );
    await markEnding(
      this.db(),
      (row) => row.or([row('expires_at', '<=', now), ...(idleBefore ? [lastUseIsBefore(idleBefore)] : [])]),
      'expired',
    );
    const rows = await this.db()
      .selectFrom('account_session')
      .select(['id', 'user_id', 'ended_how'])
      .where('state', '=', 'ending')
      .limit(MAX_SWEPT)
      .execute();
    const id = randomUUID();
    await runInContext({ correlationId: id, causationId: id, commandId: id }, async () => this.finish(rows, SYSTEM));
  }

  private async finish(rows: readonly Ending[], actor: string): Promise<void> {
    if (rows.length === 0) return;
    await this.commandHandling.retrying(async () => this.record(rows, actor, null));
    await this.db()
      .deleteFrom('account_session')
      .where(
        'id',
        'in',
        rows.map(({ id }) => id),
      )
      .execute();
  }

  private async record(rows: readonly Ending[], actor: string, onlyIf: ReadSet | null): Promise<void> {
    const outcomes = await this.commandHandling.decideMany(
      rows.map(({ id, ended_how }) => ({
        stream: sessionStream(id),
        eventContext: contextOf(actor),
        decide: (history) => endSession(sessionFrom(history), ended_how as SessionEnd),
        onlyIf,
      })),
    );
    for (const outcome of outcomes) if (outcome instanceof RuleBroken) throw outcome;
  }

  private db(): Db {
    return this.database.kysely<AccountTables>();
  }
}

/** Marks sessions as ended; the sweep records it if the caller doesn't. */
export async function markEnding(db: Db, which: Which, how: SessionEnd): Promise<Ending[]> {
  return db
    .updateTable('account_session')
    .set({ state: 'ending', ended_how: how, updated_at: sql<string>`now()` })
    .where('state', '!=', 'ending')
    .where(which)
    .returning(['id', 'user_id', 'ended_how'])
    .execute();
}

function contextOf(actor: string): EventContext {
  return { actor, scope: PLATFORM, organisationId: null };
}

function lastUseIsBefore(moment: Date): RawBuilder<SqlBool> {
  return sql<SqlBool>`coalesce(used_at, created_at) <= ${moment.toISOString()}`;
}
