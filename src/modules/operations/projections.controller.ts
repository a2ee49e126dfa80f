import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Authorization, Operation } from '../access/access.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { PLATFORM } from '../access/access.domain.contract.js';
import { pageOf } from '../../shared/http/lists/page.dto.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { ProjectionRunner, type ProjectionState } from '../../shared/projections/projection-runner.js';

class RebuildStatus {
  @ApiProperty({ type: Number, description: 'Version of the read model when the rebuild is done' })
  version: number;
  @ApiProperty({ type: String, nullable: true, description: 'Position of the last event that is applied' })
  position: string | null;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Event that the rebuild stopped at; start another rebuild when the cause is gone',
  })
  pausedAt: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Kind of the error that stopped the rebuild' })
  error: string | null;
}

class ProjectionStatus {
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: Number, description: 'Number of times that the read model was built' })
  version: number;
  @ApiProperty({ type: String, nullable: true, description: 'Position of the last event that is applied' })
  position: string | null;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Event that paused the projection, if an event did',
  })
  pausedAt: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'Kind of the error that paused it; null while it is live. `CheckpointAhead`: it has applied events that the log lacks. `LogDiffers`: the log has another event at its position.',
  })
  error: string | null;
  @ApiProperty({
    type: RebuildStatus,
    nullable: true,
    description: 'Progress of the rebuild beside it; null without one',
  })
  rebuild: RebuildStatus | null;
}

class ProjectionList extends pageOf(ProjectionStatus) {}

/** Routes for operators, who are super-admins. */
@ApiTags('Operation')
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    private readonly authorization: Authorization,
    private readonly projections: ProjectionRunner,
  ) {}

  @Get()
  @Operation({
    summary: 'List the read models and their progress',
    description: 'Super-admins only.',
    answers: ProjectionList,
    codes: ['forbidden'],
  })
  async list(@Actor() actor: string): Promise<ProjectionList> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    return { items: (await this.projections.status()).map(projectionStatus), nextCursor: null };
  }

  @Post(':name/resume')
  @Operation({
    summary: 'Resume a paused projection',
    description: 'Super-admins only.',
    codes: ['forbidden', 'not-found', 'checkpoint-ahead', 'log-differs'],
    storesNothing: true,
  })
  async resume(@Actor() actor: string, @Param('name') name: string): Promise<void> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    if (!(await this.projections.resume(name))) throw new RuleBroken('not-found');
  }

  @Post(':name/rebuild')
  @Operation({
    summary: 'Rebuild a read model',
    description: 'The rebuild runs beside the live read model, then replaces it. Super-admins only.',
    codes: ['forbidden', 'not-found'],
    storesNothing: true,
  })
  async rebuild(@Actor() actor: string, @Param('name') name: string): Promise<void> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    if (!(await this.projections.rebuild(name))) throw new RuleBroken('not-found');
  }
}

function projectionStatus({ name, version, position, pausedAt, error, rebuild }: ProjectionState): ProjectionStatus {
  const beside = rebuild && {
    version: rebuild.version,
    position: rebuild.position,
    pausedAt: rebuild.pausedAt,
    error: rebuild.error,
  };
  return { name, version, position, pausedAt, error, rebuild: beside };
}
