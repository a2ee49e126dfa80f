import { ApiProperty } from '@nestjs/swagger';

/** Who did something, wherever it is shown. */
export class NamedPerson {
  @ApiProperty({ type: String, description: 'personId, or `system`' })
  personId: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
}
