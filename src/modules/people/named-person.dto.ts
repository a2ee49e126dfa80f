import { ApiProperty } from '@nestjs/swagger';

/** The person who did something, wherever it is shown. */
export class NamedPerson {
  @ApiProperty({ type: String, required: false, description: 'Absent for readers who may not identify this person' })
  personId?: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
}
