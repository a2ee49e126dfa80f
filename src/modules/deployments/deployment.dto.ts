import { ApiProperty, PartialType } from '@nestjs/swagger';
import { ProfileDto, TargetsDto } from '../../shared/access/profile.dto.js';

export class CreateDeploymentDto extends ProfileDto {}

/** What is left out stays; null only where it may be. */
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
  @ApiProperty({ type: Boolean, description: 'Archived itself; an archived organisation archives its deployments too' })
  archived: boolean;
}

export class DeploymentPage {
  @ApiProperty({ type: [DeploymentView] })
  items: DeploymentView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
