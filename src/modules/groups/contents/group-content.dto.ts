import { ApiProperty, PickType } from '@nestjs/swagger';
import { IntegerField } from '../../../shared/http/fields.js';
import { NameField } from '../../../shared/http/names.js';
import type { ProblemCode } from '../../../shared/problems/problem-codes.js';
import { NamedPerson } from '../../people/people.contract.js';
import { GroupFileContentView, MAX_NAME } from '../files/group-file.dto.js';

const MAX_VERSION = 1_000_000;

/** Every route that stores a content may answer with these. */
export const UPLOAD_CODES = [
  'no-file-storage',
  'file-too-large',
  'file-quota-exceeded',
  'file-refused',
  'file-storage-unavailable',
] as const satisfies readonly ProblemCode[];

export const NAME_SCHEMA = {
  type: 'string',
  minLength: 1,
  maxLength: MAX_NAME,
  description:
    'Name of the file; absent: the name that the form gives the file. It stays in the history, so it must not name a patient.',
};

/** The text fields of the form. */
export class UploadGroupFileDto {
  @NameField({ description: NAME_SCHEMA.description, max: MAX_NAME, optional: true })
  name?: string;
}

export class ContentVersionDto {
  @IntegerField({ description: 'Number of a version; absent: the newest', min: 1, max: MAX_VERSION, optional: true })
  version?: number;
}

export class GroupFileVersionView extends PickType(GroupFileContentView, [
  'size',
  'type',
  'sha256',
  'version',
  'uploadedAt',
]) {
  @ApiProperty({ type: NamedPerson })
  uploadedBy: NamedPerson;
}

export class GroupFileVersions {
  @ApiProperty({ type: [GroupFileVersionView], description: 'Newest first, at most ten' })
  items: GroupFileVersionView[];
}
