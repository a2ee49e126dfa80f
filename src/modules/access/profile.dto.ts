import { NestedField, IntegerField } from '../../shared/http/fields.js';
import { SecureLink } from '../../shared/http/links/links.js';
import { NameField } from '../../shared/http/names.js';
import type { Archivable } from './archivable.js';

const MOST = 1_000_000;

/** Planned numbers of patients and staff. */
export class TargetsDto {
  @IntegerField({ description: 'Patients to be enrolled', min: 0, max: MOST, optional: true, nullable: true })
  patients?: number | null;
  @IntegerField({ description: 'Staff members to be found', min: 0, max: MOST, optional: true, nullable: true })
  staff?: number | null;
}

/** The fields that organisations and deployments share when they are created or edited. */
export class ProfileDto {
  @NameField({ description: 'Name', example: 'Riverside Hospital' })
  name: string;
  @SecureLink({ description: 'Privacy policy', optional: true, nullable: true })
  privacyPolicyUrl?: string | null;
  @SecureLink({ description: 'Terms of use', optional: true, nullable: true })
  termsUrl?: string | null;
  @NestedField({ description: 'Numbers to plan with', of: TargetsDto, optional: true })
  targets?: TargetsDto;
}

export interface Targets {
  patients: number | null;
  staff: number | null;
}

/** Both numbers: one that is left out stays as it is, or is null when it was never given. */
export function targetsOf({ patients, staff }: TargetsDto = {}, present?: Archivable<{ targets: Targets }>): Targets {
  const before = present && present.status !== 'unknown' ? present.profile.targets : { patients: null, staff: null };
  return {
    patients: patients === undefined ? before.patients : patients,
    staff: staff === undefined ? before.staff : staff,
  };
}
