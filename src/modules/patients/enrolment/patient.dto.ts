import { ApiProperty } from '@nestjs/swagger';
import { NamedScope } from '../../access/access.contract.js';
import { EnumField, MultilineField } from '../../../shared/http/fields.js';
import { CountedPageDto, countedPageOf } from '../../../shared/http/lists/page.dto.js';
import { MAX_REASON } from '../../../shared/http/reason.dto.js';
import { sortWords } from '../../../shared/http/lists/sorting.js';

const PATIENT_SORTS = sortWords('since', 'name', 'email');
export const PATIENT_STATUSES = ['pending', 'active', 'offboarded'] as const;
export type PatientStatus = (typeof PATIENT_STATUSES)[number];

export class OffboardDto {
  @MultilineField({
    description: 'Free text, or one of the `offboardingReasons` of the deployment. The patient can read it.',
    max: MAX_REASON,
    example: 'End of treatment',
    filled: true,
  })
  reason: string;
}

export class PatientListDto extends CountedPageDto {
  @EnumField({
    description: 'Lists patients with this status; without it, active and offboarded ones',
    of: PATIENT_STATUSES,
    optional: true,
  })
  status?: PatientStatus;
  @MultilineField({
    description: 'Text that the name or address contains; needs `patients.view-identifiers`',
    max: 254,
    optional: true,
  })
  q?: string;
  @EnumField({
    description:
      'Default `since`. Name and address need `patients.view-identifiers`. A cursor works only with the order that it came from.',
    of: PATIENT_SORTS,
    optional: true,
  })
  sort: (typeof PATIENT_SORTS)[number] = 'since';
}

export class PatientView {
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'Id of the enrolment; an alias for readers who may not identify the patient',
  })
  id: string;
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'Id of the patient; an alias for readers who may not identify the patient',
  })
  personId: string;
  @ApiProperty({
    type: String,
    description: 'Pseudonym of the patient; constant for this reader within the organisation, or within the deployment',
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
  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'Time of the enrolment; for a pending patient, of the invitation',
  })
  since: string;
  @ApiProperty({ type: String, format: 'date-time', required: false })
  offboardedAt?: string;
}

export class PatientPage extends countedPageOf(PatientView) {}

/** One patient, with the fields that lists leave out. */
export class PatientDetails extends PatientView {
  @ApiProperty({
    type: String,
    required: false,
    description: 'Reason of the offboarding; only for readers who may offboard',
  })
  reason?: string;
}

/** An enrolment of the caller, active or offboarded. */
export class EnrolmentView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: String, enum: ['active', 'offboarded'] })
  status: 'active' | 'offboarded';
  @ApiProperty({ type: String, format: 'date-time' })
  since: string;
  @ApiProperty({ type: String, required: false, description: 'Reason of the offboarding' })
  reason?: string;
}
