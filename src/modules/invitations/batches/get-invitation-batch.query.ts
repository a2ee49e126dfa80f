import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { InvitationBatchView } from './batch.dto.js';
import { BatchAccess } from './batch-access.js';
import { BatchViews } from './batch-views.js';

/** One invitation call, for callers who may see it. */
export class GetInvitationBatch extends Query<InvitationBatchView> {
  constructor(
    readonly actor: string,
    readonly batchId: string,
  ) {
    super();
  }
}

@QueryHandler(GetInvitationBatch)
export class GetInvitationBatchHandler implements IQueryHandler<GetInvitationBatch> {
  constructor(
    private readonly access: BatchAccess,
    private readonly views: BatchViews,
  ) {}

  async execute({ actor, batchId }: GetInvitationBatch): Promise<InvitationBatchView> {
    const { row, seen } = await this.access.open(actor, batchId);
    const [view] = await this.views.of(actor, [row], () => seen.inviters);
    if (!view) throw new TypeError('the row has no view');
    return view;
  }
}
