import { ApiProperty } from '@nestjs/swagger';
import { SCOPE_KINDS, type ScopeKind } from './scope-ref.js';

/** A scope, wherever it is shown. */
export class NamedScope {
  @ApiProperty({ type: String, enum: SCOPE_KINDS })
  kind: ScopeKind;
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String })
  name: string;
}

/** An organisation, wherever it is shown. */
export class NamedOrganisation {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String })
  name: string;
}
