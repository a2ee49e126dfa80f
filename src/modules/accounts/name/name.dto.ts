import { NameField } from '../../../shared/http/names.js';

export class ChangeNameDto {
  @NameField({ description: 'Your name', example: 'Ann Smith' })
  name: string;
}
