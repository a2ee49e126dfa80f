import { ApiProperty, PartialType } from '@nestjs/swagger';
import { NamedOrganisation, ProfileDto, ProfileView, ScopeListDto, VERSION } from '../access/access.contract.js';
import { EnumField, IntegerField, TextListField } from '../../shared/http/fields.js';
import { SecureLink } from '../../shared/http/links/links.js';
import { NameField } from '../../shared/http/names.js';
import { countedPageOf } from '../../shared/http/lists/page.dto.js';

export class CreateDeploymentDto extends ProfileDto {
  @NameField({ description: 'Name', example: 'Cardiac Rehabilitation' })
  declare name: string;
  @SecureLink({
    description: 'Address of the patient app at the App Store; default: the setting of the installation',
    example: 'https://apps.example.org/ios',
    optional: true,
    nullable: true,
  })
  appStoreUrl?: string | null;
  @SecureLink({
    description: 'Address of the patient app at Google Play; default: the setting of the installation',
    example: 'https://apps.example.org/android',
    optional: true,
    nullable: true,
  })
  playStoreUrl?: string | null;
  @TextListField({
    description: 'Reasons to choose from when a patient is offboarded; null removes them',
    example: ['End of treatment', 'Moved away'],
    maxItems: 100,
    maxLength: 200,
    optional: true,
    nullable: true,
  })
  offboardingReasons?: string[] | null;
}

/** Fields that the call leaves out stay the same. Null is allowed only for fields that may be null. */
export class EditDeploymentDto extends PartialType(CreateDeploymentDto, { skipNullProperties: false }) {
  @IntegerField(VERSION)
  version?: number;
}

export class DeploymentView extends ProfileView {
  @ApiProperty({ type: String, format: 'uuid' })
  organisationId: string;
  @ApiProperty({ type: String, nullable: true })
  appStoreUrl: string | null;
  @ApiProperty({ type: String, nullable: true })
  playStoreUrl: string | null;
  @ApiProperty({ type: [String], description: 'Reasons to choose from when a patient is offboarded' })
  offboardingReasons: readonly string[];
}

/** One deployment, with headcounts for readers with `deployment.view`. The headcounts may lag. */
export class DeploymentDetails extends DeploymentView {
  @ApiProperty({ type: 'integer', required: false, description: 'Number of active patients; absent for patients' })
  patients?: number;
  @ApiProperty({
    type: 'integer',
    required: false,
    description:
      'Number of active staff members of the deployment, without those of its organisation; absent for patients',
  })
  staff?: number;
}

export class DeploymentPage extends countedPageOf(DeploymentView) {}

/** The query of the list of all deployments. */
export class AllDeploymentsDto extends ScopeListDto {
  @EnumField({
    description: '`true`: only archived ones, themselves or with their organisation; `false`: only others',
    of: ['true', 'false'],
    optional: true,
  })
  archived?: 'true' | 'false';
}

class OrganisationAbove extends NamedOrganisation {
  @ApiProperty({ type: Boolean, description: 'Whether the organisation itself is archived' })
  archived: boolean;
}

/** A deployment in the list of all deployments. */
export class ListedDeploymentView extends DeploymentView {
  @ApiProperty({ type: OrganisationAbove })
  organisation: OrganisationAbove;
}

export class AllDeploymentsPage extends countedPageOf(ListedDeploymentView) {}
