import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Authorization } from '../../access/access.contract.js';
import { PLATFORM } from '../../access/access.domain.contract.js';
import { RuleBroken } from '../../../shared/problems/problem-codes.js';
import { ProjectionRunners } from '../../../shared/projections/projection-runners.js';
import { OperatorActs } from '../acts/operator-acts.js';

/** Resumes a paused projection at the event where it stopped, for super-admins. Idempotent. */
export class ResumeProjection extends Command<void> {
  constructor(
    readonly actor: string,
    readonly name: string,
  ) {
    super();
  }
}

@CommandHandler(ResumeProjection)
export class ResumeProjectionHandler implements ICommandHandler<ResumeProjection> {
  constructor(
    private readonly authorization: Authorization,
    private readonly projections: ProjectionRunners,
    private readonly acts: OperatorActs,
  ) {}

  /** @throws RuleBroken `not-found`, `checkpoint-ahead`, `log-differs` */
  async execute({ actor, name }: ResumeProjection): Promise<void> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    const record = async (): Promise<void> =>
      this.acts.record(actor, { type: 'ProjectionResumed', data: { projection: name } });
    if (!(await this.projections.resume(name, record))) throw new RuleBroken('not-found');
  }
}
