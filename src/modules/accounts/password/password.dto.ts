import { ApiProperty } from '@nestjs/swagger';
import { EnumField, MultilineField, PasswordField } from '../../../shared/http/fields.js';
import { LOCALES, type Locale } from '../../../shared/mail/texts.js';
import { MAX_PASSWORD_LENGTH } from '../authentication.js';
import { NewPassword } from '../new-password.js';

export class RequestPasswordResetDto {
  @MultilineField({ description: 'E-mail address of the account', max: 320, example: 'ann@example.org' })
  email: string;
  @EnumField({ description: 'Language of the mail', of: LOCALES, optional: true })
  locale?: Locale;
}

export class PasswordResetRequested {
  @ApiProperty({
    type: String,
    enum: ['requested'],
    description: 'The same for every address, known or not. A mail follows if the address is known.',
  })
  status: 'requested';
}

export class ResetPasswordDto {
  @NewPassword({ description: 'New password: no common password, and not the address of the account' })
  password: string;
}

export class ChangePasswordDto {
  @PasswordField({ description: 'Current password', example: 'nine quiet otters', min: 1, max: MAX_PASSWORD_LENGTH })
  currentPassword: string;
  @NewPassword({ description: 'New password: no common password, and not the address of the account' })
  password: string;
}
