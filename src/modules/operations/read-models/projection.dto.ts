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

class HistoryDifference {
  @ApiProperty({ type: String, example: 'grant_period' })
  table: string;
  @ApiProperty({ type: String, description: 'Number of an entry, or key of a period and the number it begins with' })
  key: string;
  @ApiProperty({
    type: String,
    enum: ['changed', 'missing', 'added'],
    description: 'What happened to the row, seen from the log',
  })
  what: 'changed' | 'missing' | 'added';
  @ApiProperty({ type: [String], description: 'The columns that differ, where the row was changed' })
  fields: string[];
}

export class HistoryVerification {
  @ApiProperty({ type: 'integer', description: 'How many entries the log says' })
  entries: number;
  @ApiProperty({ type: 'integer', description: 'How many periods the log says' })
  periods: number;
  @ApiProperty({ type: [HistoryDifference], description: 'The first differences' })
  differences: HistoryDifference[];
  @ApiProperty({ type: 'integer', description: 'How many differences there are' })
  differencesInAll: number;
}
