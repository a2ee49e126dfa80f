import { ApiProperty } from '@nestjs/swagger';
import { pageOf } from '../../../shared/http/lists/page.dto.js';

export class SessionView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Browser and system; null when the program names neither',
    example: 'Firefox on Windows',
  })
  device: string | null;
  @ApiProperty({ type: String, format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', description: 'To the minute' })
  lastUsedAt: string;
  @ApiProperty({ type: Boolean, description: 'Whether this call was made in it' })
  current: boolean;
}

export class SessionPage extends pageOf(SessionView) {}
