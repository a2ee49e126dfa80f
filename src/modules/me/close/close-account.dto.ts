import { PasswordField } from '../../../shared/http/fields.js';
import { MAX_PASSWORD_LENGTH } from '../../accounts/accounts.contract.js';

export class CloseAccountDto {
  @PasswordField({ description: 'Your password', example: 'nine quiet otters', min: 1, max: MAX_PASSWORD_LENGTH })
  password: string;
}
