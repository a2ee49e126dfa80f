import { ApiProperty } from '@nestjs/swagger';
import { EnumField, MultilineField, PasswordField } from '../../../shared/http/fields.js';
import { LOCALES, type Locale } from '../../../shared/mail/texts.js';
import { MAX_PASSWORD_LENGTH } from '../authentication.js';
import { NewPassword } from '../new-password.js';

export class RequestAddressChangeDto {
  @MultilineField({ description: 'The new e-mail address', max: 320, example: 'ann@example.org' })
  email: string;
  @PasswordField({ description: 'Current password', example: 'nine quiet otters', min: 1, max: MAX_PASSWORD_LENGTH })
  password: string;
  @EnumField({ description: 'Language of the mails', of: LOCALES, optional: true })
  locale?: Locale;
}

export class AddressChangeRequested {
  @ApiProperty({
    type: String,
    enum: ['requested'],
    description: 'The same for every address, free or not. A mail to it follows.',
  })
  status: 'requested';
}

/** What a link that confirms an address opens. */
export class AddressChangeLink {
  @ApiProperty({ type: String, description: 'The address that the link confirms' })
  email: string;
  @ApiProperty({ type: String, format: 'date-time' })
  expiresAt: string;
}

/** What a link that undoes a change opens. */
export class AddressUndoLink {
  @ApiProperty({ type: String, description: 'The address that the account would have again' })
  email: string;
  @ApiProperty({ type: String, format: 'date-time' })
  undoUntil: string;
}

export class UndoAddressChangeDto {
  @NewPassword({ description: 'New password: no common password, and not the address of the account' })
  password: string;
}
