import { ApiProperty, PartialType, PickType } from '@nestjs/swagger';
import { BooleanField, TextField, IntegerField } from '../../../shared/http/fields.js';
import { Reference } from '../../../shared/http/links/links.js';
import { NameField } from '../../../shared/http/names.js';
import { pageOf } from '../../../shared/http/lists/page.dto.js';
import { NamedPerson } from '../../people/people.contract.js';
import { ACCESS_REASONS } from './group-file.js';
import { GroupMemberView } from '../members/group-member.dto.js';

/** Names are in an index, whose entries have at most 2,700 bytes. */
const MAX_NAME = 255;
const MAX_TYPE = 255;

export class AddGroupFileDto {
  @NameField({
    description: "Name; it stays in the history: not the place for a patient's",
    example: 'Minutes 2026-03.pdf',
    max: MAX_NAME,
  })
  name: string;
  @IntegerField({ description: 'Bytes', min: 0, max: Number.MAX_SAFE_INTEGER, optional: true, nullable: true })
  size?: number | null;
  @TextField({ description: 'Media type', example: 'application/pdf', max: MAX_TYPE, optional: true, nullable: true })
  type?: string | null;
  @Reference({
    description:
      "Where the content is: an http or https address, or a reference that the integrator's store understands. It stays in the history: without a signature or another secret",
    example: 'https://files.example.org/7f3a',
  })
  url: string;
}

/** Fields that are left out stay; null is allowed only where the field may be null. */
export class EditGroupFileDto extends PartialType(AddGroupFileDto, { skipNullProperties: false }) {}

export class FileExceptionDto {
  @BooleanField({
    description: "true gives, false denies content-creator rights on this file, whatever the member's set",
  })
  contentCreator: boolean;
}

export class GroupFileView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String, format: 'uuid' })
  groupId: string;
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: Number, nullable: true, description: 'Bytes' })
  size: number | null;
  @ApiProperty({ type: String, nullable: true })
  type: string | null;
  @ApiProperty({ type: String })
  url: string;
  @ApiProperty({ type: NamedPerson })
  addedBy: NamedPerson;
  @ApiProperty({ type: String, format: 'date-time' })
  addedAt: string;
  @ApiProperty({ type: Boolean, description: 'Whether the caller may edit and remove it' })
  mayEdit: boolean;
}

export class GroupFilePage extends pageOf(GroupFileView) {}

/** What one member may do with a file, and why. */
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
    description: 'What decided whether they may edit: their set, or an exception for this file',
  })
  reason: (typeof ACCESS_REASONS)[number];
}

export class FileAccessPage extends pageOf(FileAccessView) {}
