import { ApiProperty } from '@nestjs/swagger';
import { pageOf } from '../../../shared/http/lists/page.dto.js';

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

export class ProjectionStatus {
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: Number, description: 'Number of times that the read model was built' })
  version: number;
  @ApiProperty({ type: String, nullable: true, description: 'Position of the last event that is applied' })
  position: string | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    required: false,
    description: 'Age in seconds of the oldest event that is not applied; 0: there is none; null: unknown',
  })
  lagSeconds: number | null;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: 'Whether it has tables, which a rebuild makes again. A rebuild of any other answers 404.',
  })
  isRebuildable: boolean;
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

export class ProjectionList extends pageOf(ProjectionStatus) {
  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    description: 'Position of the last event of the log; null while there is none',
  })
  logPosition: string | null;
}
