import { ApiProperty } from '@nestjs/swagger';
import { BooleanField } from '../../../shared/http/fields.js';

const GRANTS =
  'Mail to you, as an owner of the organisation, when somebody gets a role that sees who patients are or may give roles, or when a custom role becomes one';

export class ChooseGrantNoticesDto {
  @BooleanField({ description: GRANTS })
  grants: boolean;
}

export class GrantNoticesView {
  @ApiProperty({ type: Boolean, description: `${GRANTS}; off unless switched on` })
  grants: boolean;
}
