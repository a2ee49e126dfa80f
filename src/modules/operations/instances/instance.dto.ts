import { ApiProperty } from '@nestjs/swagger';
import { pageOf } from '../../../shared/http/lists/page.dto.js';

/** One process of the installation. */
export class InstanceView {
  @ApiProperty({ type: String, format: 'uuid', description: 'Id that its log lines have as `instance`' })
  id: string;
  @ApiProperty({ type: Boolean, description: 'Whether it answers this call' })
  isAnswering: boolean;
  @ApiProperty({ type: Boolean, description: 'Whether it runs read models, process managers and schedules' })
  isLeader: boolean;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When its lease runs out unless it renews it; null: it does not lead, or needs no lease',
  })
  leaseUntil: string | null;
}

export class InstancePage extends pageOf(InstanceView) {}
