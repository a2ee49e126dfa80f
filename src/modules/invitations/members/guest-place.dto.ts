import { ApiProperty } from '@nestjs/swagger';
import { NamedOrganisation, NamedScope } from '../../access/access.contract.js';

/** A scope in which the caller is a guest. */
export class GuestPlaceView {
  @ApiProperty({ type: String, format: 'uuid', description: 'Id of the membership' })
  id: string;
  @ApiProperty({ type: String, description: 'Kind of the accepted invitation', example: 'observer' })
  kind: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: NamedOrganisation, nullable: true })
  organisation: NamedOrganisation | null;
  @ApiProperty({ type: String, format: 'date-time' })
  since: string;
}
