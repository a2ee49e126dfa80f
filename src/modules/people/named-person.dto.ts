import { ApiProperty } from '@nestjs/swagger';

/** The person who did something, in answers. */
export class NamedPerson {
  @ApiProperty({ type: String, required: false, description: 'Absent for readers who may not identify this person' })
  personId?: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
}

/** A person whose name and address the reader may see. */
export class IdentifiedPerson {
  @ApiProperty({ type: String, format: 'uuid' })
  personId: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  @ApiProperty({ type: String, nullable: true })
  email: string | null;
}
