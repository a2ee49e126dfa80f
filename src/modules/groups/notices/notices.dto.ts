import { ApiProperty } from '@nestjs/swagger';
import { BooleanField } from '../../../shared/http/fields.js';

const GROUP_ACCEPTANCES =
  'Mail when somebody accepts an invitation to a group that you administer, or to any group of your organisation if you own it';

export class ChooseNoticesDto {
  @BooleanField({ description: GROUP_ACCEPTANCES, optional: true })
  groupAcceptances?: boolean;
}

export class NoticesView {
  @ApiProperty({ type: Boolean, description: `${GROUP_ACCEPTANCES}; off unless switched on` })
  groupAcceptances: boolean;
}
