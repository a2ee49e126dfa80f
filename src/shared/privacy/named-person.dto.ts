import { ApiProperty } from '@nestjs/swagger';

/** Who did something, wherever it is shown. */
export class NamedPerson {
  @ApiProperty({ type: String })
  personId: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
}
