import { ApiProperty } from '@nestjs/swagger';
import { NamedScope } from '../../access/access.contract.js';
import { EnumField, MultilineField } from '../../../shared/http/fields.js';
import { PageDto, pageOf } from '../../../shared/http/lists/page.dto.js';
import { MAX_REASON } from '../../../shared/http/reason.dto.js';
import { sortWords } from '../../../shared/http/lists/sorting.js';

const PATIENT_SORTS = sortWords('since', 'name', 'email');
export const PATIENT_STATUSES = ['pending', 'active', 'offboarded'] as const;
export type PatientStatus = (typeof PATIENT_STATUSES)[number];

export class OffboardDto {
  @MultilineField({
    description: "Why: free text, or one of the deployment's `offboardingReasons`. The patient can read it",
    max: MAX_REASON,
    example: 'End of treatment',
    filled: true,
  })
  reason: string;
}

export class PatientListDto extends PageDto {
  @EnumField({
    description: 'Only these; active and offboarded ones unless given',
    of: PATIENT_STATUSES,
    optional: true,
  })
  status?: PatientStatus;
  @MultilineField({
    description: 'Name or address contains this; takes patients.view-identifiers',
    max: 254,
    optional: true,
  })
  q?: string;
  @EnumField({
    description:
      '`since` unless given. By name or address takes patients.view-identifiers. A cursor is good for its own order alone',
    of: PATIENT_SORTS,
    optional: true,
  })
  sort: (typeof PATIENT_SORTS)[number] = 'since';
}

export class PatientView {
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: "The enrolment's id; an alias, good for this reader, where they may not see who it is",
  })
  id: string;
  @ApiProperty({ type: String, format: 'uuid', description: 'An alias where the reader may not see who it is' })
  personId: string;
  @ApiProperty({
    type: String,
    description:
      'What to call them without saying who they are, in all that this reader sees of the organisation, or of this deployment',
    example: 'P-7ZK3M0QW4T9X',
  })
  pseudonym: string;
  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    description: 'Absent for readers who may not see identifiers',
  })
  name?: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    description: 'Absent for readers who may not see identifiers',
  })
  email?: string | null;
  @ApiProperty({ type: String, enum: PATIENT_STATUSES })
  status: PatientStatus;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: String, format: 'date-time', description: 'Enrolled then; of a pending one: invited then' })
  since: string;
  @ApiProperty({ type: String, format: 'date-time', required: false })
  offboardedAt?: string;
}

export class PatientPage extends pageOf(PatientView) {}

/** One patient, with the fields that lists leave out. */
export class PatientDetails extends PatientView {
  @ApiProperty({ type: String, required: false, description: 'Why offboarded, for readers who may offboard' })
  reason?: string;
}

/** Where the caller is or was a patient. */
export class EnrolmentView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: String, enum: ['active', 'offboarded'] })
  status: 'active' | 'offboarded';
  @ApiProperty({ type: String, format: 'date-time' })
  since: string;
  @ApiProperty({ type: String, required: false, description: 'Why offboarded' })
  reason?: string;
}
