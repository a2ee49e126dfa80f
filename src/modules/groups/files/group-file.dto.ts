import { ApiProperty, PartialType, PickType } from '@nestjs/swagger';
import { BooleanField, TextField, IntegerField } from '../../../shared/http/fields.js';
import { Reference } from '../../../shared/http/links/links.js';
import { NameField } from '../../../shared/http/names.js';
import { pageOf } from '../../../shared/http/lists/page.dto.js';
import { NamedPerson } from '../../people/people.contract.js';
import { ACCESS_REASONS } from './group-file.js';
import { GroupMemberView } from '../members/group-member.dto.js';

/** The limit keeps a name within an index entry, which has at most 2,700 bytes. */
export const MAX_NAME = 255;
const MAX_TYPE = 255;

export class AddGroupFileDto {
  @NameField({
    description: 'Name of the file. It stays in the history, so it must not name a patient.',
    example: 'Minutes 2026-03.pdf',
    max: MAX_NAME,
  })
  name: string;
  @IntegerField({
    description: 'Size in bytes',
    example: 182_044,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    optional: true,
    nullable: true,
  })
  size?: number | null;
  @TextField({ description: 'Media type', example: 'application/pdf', max: MAX_TYPE, optional: true, nullable: true })
  type?: string | null;
  @Reference({
    description:
      'Http or https address of the content, or a reference in your own store. It stays in the history, so it must not hold a signature or another secret.',
    example: 'https://files.example.org/7f3a',
  })
  url: string;
}

/** Fields that the call leaves out stay the same. Null is allowed only for fields that may be null. */
export class EditGroupFileDto extends PartialType(AddGroupFileDto, { skipNullProperties: false }) {}

export class FileExceptionDto {
  @BooleanField({
    description:
      'True gives content-creator rights on this file, false denies them. The permission set of the member does not matter.',
    example: true,
  })
  contentCreator: boolean;
}

export class GroupFileContentView {
  @ApiProperty({ type: Number, description: 'Size in bytes' })
  size: number;
  @ApiProperty({ type: String, description: 'Media type by the bytes', example: 'application/pdf' })
  type: string;
  @ApiProperty({ type: String, description: 'SHA-256 of the bytes, hexadecimal' })
  sha256: string;
  @ApiProperty({ type: Number, description: 'Number of the version, from 1' })
  version: number;
  @ApiProperty({ type: String, format: 'date-time' })
  uploadedAt: string;
}

export class GroupFileView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String, format: 'uuid' })
  groupId: string;
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: Number, nullable: true, description: 'Size in bytes' })
  size: number | null;
  @ApiProperty({ type: String, nullable: true })
  type: string | null;
  @ApiProperty({ type: String, description: 'Where the content is. Of a stored file, where members download it' })
  url: string;
  @ApiProperty({
    type: GroupFileContentView,
    nullable: true,
    description: 'The newest version of a stored file; null for a link',
  })
  content: GroupFileContentView | null;
  @ApiProperty({ type: NamedPerson })
  addedBy: NamedPerson;
  @ApiProperty({ type: String, format: 'date-time' })
  addedAt: string;
  @ApiProperty({ type: Boolean, description: 'Whether the caller may edit and remove the file' })
  mayEdit: boolean;
}

export class GroupFilePage extends pageOf(GroupFileView) {}

/** The access of one member to a file, and its reason. */
export class FileAccessView extends PickType(GroupMemberView, [
  'personId',
  'name',
  'email',
  'administrator',
  'contentCreator',
]) {
  @ApiProperty({ type: String, format: 'uuid' })
  memberId: string;
  @ApiProperty({ type: Boolean })
  mayView: boolean;
  @ApiProperty({ type: Boolean })
  mayEdit: boolean;
  @ApiProperty({
    type: String,
    enum: ACCESS_REASONS,
    description: 'What decides: the permission set of the member, or an exception for this file',
  })
  reason: (typeof ACCESS_REASONS)[number];
}

export class FileAccessPage extends pageOf(FileAccessView) {}
