import { EnumField } from '../../../shared/http/fields.js';
import { LOCALES, type Locale } from '../../../shared/mail/texts.js';

export class SendPasswordResetDto {
  @EnumField({ description: 'Language of the mail', example: 'de', of: LOCALES, optional: true })
  locale?: Locale;
}
