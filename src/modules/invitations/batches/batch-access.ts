import { Injectable } from '@nestjs/common';
import { Database } from '../../../shared/database/database.js';
import type { StreamSource } from '../../../shared/event-sourcing/append-condition.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { ProjectionRunner } from '../../../shared/projections/projection-runner.js';
import type { SeenPlace } from '../policy/invitation-access.js';
import { InvitationPolicies, type InvitationPolicy } from '../policy/invitation-policy.js';
import type { InvitationBatchRow, InvitationBatchTables } from './invitation-batch-list.projection.js';

/** A batch, and how the reader sees the people in its scope. */
export interface SeenBatch {
  row: InvitationBatchRow;
  policy: InvitationPolicy;
  seen: SeenPlace;
}

/**
 * Decides who may see a batch: those who may list the scope's invitations, and its issuer while they may invite there.
 * Source: docs/domain.md §5.2
 */
@Injectable()
export class BatchAccess {
  constructor(
    private readonly database: Database,
    private readonly projections: ProjectionRunner,
    private readonly policies: InvitationPolicies,
    private readonly store: EventStore,
  ) {}

  /**
   * The batch with this id. It waits for the read model, so that it also finds a new one.
   * @throws RuleBroken `not-found`, also for readers who may not see it
   */
  async open(reader: string, id: string, reads: StreamSource = this.store): Promise<SeenBatch> {
    const look = async (): Promise<InvitationBatchRow | undefined> =>
      this.database
        .kysely<InvitationBatchTables>()
        .selectFrom('invitation_batch')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
    const row = await this.projections.lookUp(look);
    if (!row) throw new RuleBroken('not-found');
    const policy = this.policies.of(row.kind);
    const scope = { kind: row.scope_kind, id: row.scope_id };
    const seen = await policy.seeingBatch(reader, row.issued_by, scope, reads);
    if (!seen) throw new RuleBroken('not-found');
    return { row, policy, seen };
  }
}
