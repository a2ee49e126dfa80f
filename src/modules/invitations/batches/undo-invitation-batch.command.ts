import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { type KnownPerson, People } from '../../people/people.contract.js';
import { sealField, type Sealed } from '../../../shared/crypto/sealing.js';
import { Database } from '../../../shared/database/database.js';
import { CommandHandling, type PendingDecision } from '../../../shared/event-sourcing/command-handling.js';
import type { ReadSet } from '../../../shared/event-sourcing/append-condition.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import { yieldToEventLoop } from '../../../shared/resilience/event-loop.js';
import type { Grant } from '../domain/invitation.events.js';
import { type Invitation, revokeInvitation } from '../domain/invitation.js';
import { invitationOf } from '../domain/membership-stream.js';
import type { InvitationRow } from '../manage/invitation-list.projection.js';
import { INVITATION_TUNING } from '../tuning.js';
import { BatchAccess, type SeenBatch } from './batch-access.js';
import type { UndoneBatchView } from './batch.dto.js';

/** What undoing came to for one invitation. */
const OUTCOMES = ['withdrawn', 'revoked', 'accepted', 'declined', 'replaced', 'not-allowed'] as const;
type Outcome = (typeof OUTCOMES)[number];

type Item = Pick<InvitationRow, 'id' | 'stream' | 'person_id'>;

/** Withdraws what is still open of a batch, by the rules of revoking. A repeated call withdraws what is left. */
export class UndoInvitationBatch extends Command<UndoneBatchView> {
  constructor(
    readonly actor: string,
    readonly batchId: string,
    readonly reason: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(UndoInvitationBatch)
export class UndoInvitationBatchHandler implements ICommandHandler<UndoInvitationBatch> {
  constructor(
    private readonly access: BatchAccess,
    private readonly commandHandling: CommandHandling,
    private readonly projections: ProjectionRunner,
    private readonly database: Database,
    private readonly people: People,
  ) {}

  async execute({ actor, batchId, reason }: UndoInvitationBatch): Promise<UndoneBatchView> {
    const batch = await this.commandHandling.retrying(async (reads) => {
      const opened = await this.access.open(actor, batchId, reads);
      await this.mayWithdraw(actor, opened, reads);
      return opened;
    });
    // The list must have every invitation of a call that was answered a moment ago.
    await this.projections.mustCatchUp();
    const items = await this.itemsOf(batchId);
    const yieldIfDue = yieldToEventLoop();
    const outcomes: Outcome[] = [];
    const size = INVITATION_TUNING.addressesPerChunk.value;
    for (let at = 0; at < items.length; at += size) {
      await yieldIfDue();
      try {
        outcomes.push(...(await this.withdraw(actor, batch, items.slice(at, at + size), reason)));
      } catch (error) {
        if (!(error instanceof RuleBroken) || outcomes.length === 0) throw error;
        const notReached = items.length - outcomes.length;
        throw new RuleBroken(error.code, { ...error.details, summary: summaryOf(outcomes), notReached });
      }
    }
    return { id: batchId, summary: summaryOf(outcomes) };
  }

  private async withdraw(
    actor: string,
    batch: SeenBatch,
    items: readonly Item[],
    reason: string | undefined,
  ): Promise<Outcome[]> {
    const { row } = batch;
    const people =
      reason === undefined
        ? new Map<string, KnownPerson>()
        : await this.people.getByIds(items.map((item) => item.person_id));
    return this.commandHandling.retrying(async (reads) => {
      const decided = new Map<string, Outcome>();
      const allowed = new Map<string, Promise<boolean>>();
      const pending = items.map(({ id, stream, person_id: personId }): PendingDecision => ({
        stream,
        eventContext: {
          actor,
          scope: { kind: row.scope_kind, id: row.scope_id },
          organisationId: row.organisation_id,
        },
        onlyIf: reads,
        decide: async (history, idOf) => {
          const invitation = invitationOf(history);
          const closed = closedAs(invitation, id);
          if (closed) decided.set(id, closed);
          if (closed || invitation.status === 'none') return [];
          const key = JSON.stringify(invitation.grant);
          const isAllowed = allowed.get(key) ?? this.mayWithdrawGrant(actor, batch, invitation.grant, reads);
          allowed.set(key, isAllowed);
          if (!(await isAllowed)) {
            decided.set(id, 'not-allowed');
            return [];
          }
          const sealed = sealedFor(people.get(personId), stream, idOf(0), reason);
          return revokeInvitation(invitation, id, sealed);
        },
      }));
      const results = await this.commandHandling.decideMany(pending);
      return results.map((result, n): Outcome => {
        if (result instanceof RuleBroken) throw result;
        // A repeated call finds what its first attempt stored.
        return decided.get(items[n]?.id ?? '') ?? 'withdrawn';
      });
    });
  }

  /** @throws RuleBroken when the caller may withdraw nothing in the scope */
  private async mayWithdraw(actor: string, { policy, row }: SeenBatch, reads: ReadSet): Promise<void> {
    await policy.assertMayWithdraw(actor, { kind: row.scope_kind, id: row.scope_id }, reads);
  }

  /** Whether the caller may take this grant. @throws RuleBroken when they may withdraw nothing in the scope any more */
  private async mayWithdrawGrant(
    actor: string,
    { policy, row }: SeenBatch,
    grant: Grant,
    reads: ReadSet,
  ): Promise<boolean> {
    try {
      await policy.assertMayInvite(actor, grant, { kind: row.scope_kind, id: row.scope_id }, 'revoke', reads);
      return true;
    } catch (error) {
      if (error instanceof RuleBroken && error.code === 'role-not-grantable') return false;
      throw error;
    }
  }

  private async itemsOf(batchId: string): Promise<Item[]> {
    const { rows } = await sql<Item>`
      select invitation.id, invitation.stream, invitation.person_id
      from invitation_batch_item item join invitation on invitation.id = item.id
      where item.batch_id = ${batchId} order by invitation.id`.execute(this.database.kysely());
    return rows;
  }
}

/** The outcome for an invitation that can't be withdrawn any more; undefined for a pending or expired one. */
function closedAs(invitation: Invitation, id: string): Outcome | undefined {
  if (invitation.status === 'none' || invitation.invitationId !== id) return 'replaced';
  return invitation.status === 'pending' || invitation.status === 'expired' ? undefined : invitation.status;
}

function sealedFor(
  person: KnownPerson | undefined,
  stream: string,
  eventId: string,
  reason: string | undefined,
): Sealed | undefined {
  return person && reason !== undefined ? sealField(person, { stream, eventId, field: 'reason' }, reason) : undefined;
}

function summaryOf(outcomes: readonly Outcome[]): Record<Outcome, number> {
  const none = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  return outcomes.reduce((sum, outcome) => ({ ...sum, [outcome]: sum[outcome] + 1 }), none);
}
