import { ApiProperty } from '@nestjs/swagger';
import { BooleanField } from '../../../shared/http/fields.js';

const GRANTS =
  'Mails an owner about each new grant of a role that identifies patients or may give roles, and about each custom role that becomes one';

export class ChooseGrantNoticesDto {
  @BooleanField({ description: GRANTS, example: true })
  grants: boolean;
}

export class GrantNoticesView {
  @ApiProperty({ type: Boolean, description: `${GRANTS}; off by default` })
  grants: boolean;
}
