import { ApiProperty } from '@nestjs/swagger';
import { NestedField, IntegerField } from '../../../shared/http/fields.js';
import { SecureLink } from '../../../shared/http/links/links.js';
import { NameField } from '../../../shared/http/names.js';
import type { ScopeProfile, Targets } from './scope-profile.js';

const MOST = 1_000_000;
const UNPLANNED: Targets = { patients: null, staff: null };

/** Planned numbers of patients and staff. */
export class TargetsDto {
  @IntegerField({
    description: 'Planned number of patients',
    example: 120,
    min: 0,
    max: MOST,
    optional: true,
    nullable: true,
  })
  patients?: number | null;
  @IntegerField({
    description: 'Planned number of staff members',
    example: 15,
    min: 0,
    max: MOST,
    optional: true,
    nullable: true,
  })
  staff?: number | null;
}

/** The fields that organisations and deployments share in calls that create or edit them. */
export class ProfileDto {
  @NameField({ description: 'Name', example: 'Riverside Hospital' })
  name: string;
  @SecureLink({
    description: 'Address of the privacy policy',
    example: 'https://example.org/privacy',
    optional: true,
    nullable: true,
  })
  privacyPolicyUrl?: string | null;
  @SecureLink({
    description: 'Address of the terms of use',
    example: 'https://example.org/terms',
    optional: true,
    nullable: true,
  })
  termsUrl?: string | null;
  @NestedField({ description: 'Planned numbers', of: TargetsDto, optional: true })
  targets?: TargetsDto;
}

/** The fields that organisations and deployments share in answers. */
export class ProfileView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String })
  name: string;
  @ApiProperty({ type: String, nullable: true })
  privacyPolicyUrl: string | null;
  @ApiProperty({ type: String, nullable: true })
  termsUrl: string | null;
  @ApiProperty({ type: TargetsDto })
  targets: TargetsDto;
  @ApiProperty({ type: Boolean, description: 'Whether it is archived, itself or with its organisation' })
  archived: boolean;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Number of its present state; each change raises it. Absent in lists.',
  })
  version?: number;
}

/** The field of an edit that names what the caller read. */
export const VERSION = {
  description: 'The `version` that you read; if it was changed since, the call is refused with `scope-changed`',
  min: 1,
  max: 1_000_000_000,
  example: 1,
  optional: true,
};

/** The profile of a new scope. Fields that the call leaves out are null. */
export function profileOf({ name, privacyPolicyUrl = null, termsUrl = null, targets = {} }: ProfileDto): ScopeProfile {
  return { name, privacyPolicyUrl, termsUrl, targets: targetsOf(targets, UNPLANNED) };
}

/** Both numbers. A number that the call leaves out stays the same. */
export function targetsOf({ patients, staff }: TargetsDto, before: Targets): Targets {
  return {
    patients: patients === undefined ? before.patients : patients,
    staff: staff === undefined ? before.staff : staff,
  };
}
