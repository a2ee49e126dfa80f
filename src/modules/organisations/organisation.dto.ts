import { ApiProperty, PartialType } from '@nestjs/swagger';
import { ProfileDto, ProfileView, VERSION } from '../access/access.contract.js';
import { EnumField, IntegerField } from '../../shared/http/fields.js';
import { countedPageOf } from '../../shared/http/lists/page.dto.js';
import { VIEW_TYPES, type ViewType } from './organisation.events.js';

export class CreateOrganisationDto extends ProfileDto {
  @EnumField({
    description: 'Remote patient monitoring (`rpm`, the default) or decentralised clinical trial (`dct`)',
    of: VIEW_TYPES,
    example: 'rpm',
    optional: true,
  })
  viewType?: ViewType;
}

/** Fields that the call leaves out stay the same. Null is allowed only for fields that may be null. */
export class EditOrganisationDto extends PartialType(CreateOrganisationDto, { skipNullProperties: false }) {
  @IntegerField(VERSION)
  version?: number;
}

export class OrganisationView extends ProfileView {
  @ApiProperty({ type: String, enum: VIEW_TYPES })
  viewType: ViewType;
}

export class OrganisationPage extends countedPageOf(OrganisationView) {}
