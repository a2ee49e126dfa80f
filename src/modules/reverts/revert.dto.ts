import { MultilineField } from '../../shared/http/fields.js';
import { MAX_REASON } from '../../shared/http/reason.dto.js';

export class RevertDto {
  @MultilineField({
    description:
      'Why it is taken back. Changes of members, enrolments and invitations need it and keep it; others keep none, and refuse it',
    example: 'Chosen by mistake',
    max: MAX_REASON,
    optional: true,
  })
  reason?: string;
}
