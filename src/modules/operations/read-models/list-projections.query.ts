import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { EventStore } from '../../../shared/event-sourcing/event-store.js';
import { Health } from '../../../shared/health/health.js';
import { isInconsistent } from '../../../shared/projections/checkpoints.js';
import type { ProjectionState } from '../../../shared/projections/projection-runner.js';
import { ProjectionRunners } from '../../../shared/projections/projection-runners.js';
import type { ProjectionList, ProjectionStatus } from './projection.dto.js';

/** Every projection with its progress, for super-admins. */
export class ListProjections extends Query<ProjectionList> {
  constructor(readonly actor: string) {
    super();
  }
}

@QueryHandler(ListProjections)
export class ListProjectionsHandler implements IQueryHandler<ListProjections> {
  constructor(
    private readonly authorization: Authorization,
    private readonly projections: ProjectionRunners,
    private readonly store: EventStore,
    private readonly health: Health,
  ) {}

  async execute({ actor }: ListProjections): Promise<ProjectionList> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    const [states, { behind }, logPosition] = await Promise.all([
      this.projections.status(),
      this.health.report(),
      this.store.head(this.store.categories),
    ]);
    const lags = new Map(behind.map(({ name, seconds }) => [name, seconds]));
    const withTables = new Set(
      this.projections.registered.filter(({ tables }) => tables.length > 0).map(({ name }) => name),
    );
    const items = states.map((state) =>
      projectionStatus(state, lags.get(state.name) ?? null, withTables.has(state.name) || isInconsistent(state)),
    );
    return { items, nextCursor: null, logPosition };
  }
}

function projectionStatus(
  { name, version, position, pausedAt, error, rebuild }: ProjectionState,
  lagSeconds: number | null,
  isRebuildable: boolean,
): ProjectionStatus {
  const beside = rebuild && {
    version: rebuild.version,
    position: rebuild.position,
    pausedAt: rebuild.pausedAt,
    error: rebuild.error,
  };
  return { name, version, position, lagSeconds, isRebuildable, pausedAt, error, rebuild: beside };
}
