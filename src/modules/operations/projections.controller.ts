import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Authorization, Operation } from '../access/access.contract.js';
import { Actor } from '../accounts/accounts.contract.js';
import { PLATFORM } from '../access/access.domain.contract.js';
import { pageOf } from '../../shared/http/lists/page.dto.js';
import { RuleBroken } from '../../shared/problems/problem-codes.js';
import { ProjectionRunner, type ProjectionState } from '../../shared/projections/projection-runner.js';

class RebuildStatus {
  @ApiProperty({ type: Number, description: 'What it will be when it is the live one' })
  version: number;
  @ApiProperty({ type: String, nullable: true, description: 'Everything up to here is applied' })
  position: string | null;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The event it stopped at; ask for another rebuild when the cause is gone',
  })
  pausedAt: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Kind of the error it stopped with' })
  error: string | null;
}

class ProjectionStatus {
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: Number, description: 'How many times it was built' })
  version: number;
  @ApiProperty({ type: String, nullable: true, description: 'Everything up to here is applied' })
  position: string | null;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The event it stopped at, when an event is why it is paused',
  })
  pausedAt: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'Kind of the error it is paused for; null while it is live. `CheckpointAhead`: it has seen events that the log does not hold. `LogDiffers`: the log has another event where it stands',
  })
  error: string | null;
  @ApiProperty({ type: RebuildStatus, nullable: true, description: 'How far the one is that is being built beside it' })
  rebuild: RebuildStatus | null;
}

class ProjectionList extends pageOf(ProjectionStatus) {}

/** Routes for operators: super-admins. */
@ApiTags('Operation')
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    private readonly authorization: Authorization,
    private readonly projections: ProjectionRunner,
  ) {}

  @Get()
  @Operation({
    summary: 'How far the read models are: super-admins only',
    answers: ProjectionList,
    codes: ['forbidden'],
  })
  async list(@Actor() actor: string): Promise<ProjectionList> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    return { items: (await this.projections.status()).map(projectionStatus), nextCursor: null };
  }

  @Post(':name/resume')
  @Operation({
    summary: 'Tries a paused projection again: super-admins only',
    codes: ['forbidden', 'not-found', 'checkpoint-ahead', 'log-differs'],
    storesNothing: true,
  })
  async resume(@Actor() actor: string, @Param('name') name: string): Promise<void> {
    await this.authorization.requireSuperAdmin(actor, PLATFORM);
    if (!(await this.projections.resume(name))) throw new RuleBroken('not-found');
  }

  @Post(':name/rebuild')
  @Operation({
    summary: 'Builds a read model anew beside the live one, which it then replaces: super-admins only',
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
