import { ApiProperty } from '@nestjs/swagger';
import { SCOPE_KINDS, type ScopeKind } from '../scope-ref.js';

/** A scope in answers. */
export class NamedScope {
  @ApiProperty({ type: String, enum: SCOPE_KINDS })
  kind: ScopeKind;
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String })
  name: string;
}

/** An organisation in answers. */
export class NamedOrganisation {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String })
  name: string;
}
