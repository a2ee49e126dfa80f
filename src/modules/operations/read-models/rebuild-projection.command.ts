import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { ProjectionRunners } from '../../../shared/projections/projection-runners.js';
import { OperatorActs } from '../acts/operator-acts.js';

/** Rebuilds a read model beside the live one, for super-admins. Does nothing while a rebuild runs. */
export class RebuildProjection extends Command<void> {
  constructor(
    readonly actor: string,
    readonly name: string,
  ) {
    super();
  }
}

@CommandHandler(RebuildProjection)
export class RebuildProjectionHandler implements ICommandHandler<RebuildProjection> {
  constructor(
    private readonly authorization: Authorization,
    private readonly projections: ProjectionRunners,
    private readonly acts: OperatorActs,
  ) {}

  /** @throws RuleBroken `not-found` */
  async execute({ actor, name }: RebuildProjection): Promise<void> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    const record = async (): Promise<void> =>
      this.acts.record(actor, { type: 'ProjectionRebuildRequested', data: { projection: name } });
    if (!(await this.projections.rebuild(name, record))) throw new RuleBroken('not-found');
  }
}
