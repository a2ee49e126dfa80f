import { ApiProperty, PartialType } from '@nestjs/swagger';
import { ProfileDto, TargetsDto } from '../access/access.contract.js';
import { TextListField } from '../../shared/http/fields.js';
import { SecureLink } from '../../shared/http/links/links.js';
import { pageOf } from '../../shared/http/lists/page.dto.js';

export class CreateDeploymentDto extends ProfileDto {
  @SecureLink({
    description: "The patients' app at the App Store, if not the installation's",
    optional: true,
    nullable: true,
  })
  appStoreUrl?: string | null;
  @SecureLink({
    description: "The patients' app at Google Play, if not the installation's",
    optional: true,
    nullable: true,
  })
  playStoreUrl?: string | null;
  @TextListField({
    description: 'Reasons to choose from when a patient is offboarded; null: none',
    maxItems: 100,
    maxLength: 200,
    optional: true,
    nullable: true,
  })
  offboardingReasons?: string[] | null;
}

/** Fields that are left out stay; null is allowed only where the field may be null. */
export class EditDeploymentDto extends PartialType(CreateDeploymentDto, { skipNullProperties: false }) {}

export class DeploymentView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String, format: 'uuid' })
  organisationId: string;
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: String, nullable: true })
  privacyPolicyUrl: string | null;
  @ApiProperty({ type: String, nullable: true })
  termsUrl: string | null;
  @ApiProperty({ type: TargetsDto })
  targets: TargetsDto;
  @ApiProperty({ type: String, nullable: true })
  appStoreUrl: string | null;
  @ApiProperty({ type: String, nullable: true })
  playStoreUrl: string | null;
  @ApiProperty({ type: [String], description: 'Reasons to choose from when a patient is offboarded' })
  offboardingReasons: readonly string[];
  @ApiProperty({ type: Boolean, description: 'Itself, or by its organisation' })
  archived: boolean;
}

export class DeploymentPage extends pageOf(DeploymentView) {}
