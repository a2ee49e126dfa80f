import { ApiProperty } from '@nestjs/swagger';
import { BooleanField } from '../../../shared/http/fields.js';

const GROUP_ACCEPTANCES =
  'Mails you when somebody accepts an invitation to a group that you administer, or to any group of an organisation that you own';

export class ChooseNoticesDto {
  @BooleanField({ description: GROUP_ACCEPTANCES, example: true, optional: true })
  groupAcceptances?: boolean;
}

export class NoticesView {
  @ApiProperty({ type: Boolean, description: `${GROUP_ACCEPTANCES}; off by default` })
  groupAcceptances: boolean;
}
