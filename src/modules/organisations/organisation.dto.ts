import { ApiProperty, PartialType } from '@nestjs/swagger';
import { ProfileDto, TargetsDto } from '../access/access.contract.js';
import { EnumField } from '../../shared/http/fields.js';
import { pageOf } from '../../shared/http/lists/page.dto.js';
import { VIEW_TYPES, type ViewType } from './organisation.events.js';

export class CreateOrganisationDto extends ProfileDto {
  @EnumField({
    description: 'Remote patient monitoring or decentralised clinical trial; `rpm` unless given',
    of: VIEW_TYPES,
    optional: true,
  })
  viewType?: ViewType;
}

/** Fields that are left out stay; null is allowed only where the field may be null. */
export class EditOrganisationDto extends PartialType(CreateOrganisationDto, { skipNullProperties: false }) {}

export class OrganisationView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: String, enum: VIEW_TYPES })
  viewType: ViewType;
  @ApiProperty({ type: String, nullable: true })
  privacyPolicyUrl: string | null;
  @ApiProperty({ type: String, nullable: true })
  termsUrl: string | null;
  @ApiProperty({ type: TargetsDto })
  targets: TargetsDto;
  @ApiProperty({ type: Boolean })
  archived: boolean;
}

export class OrganisationPage extends pageOf(OrganisationView) {}
