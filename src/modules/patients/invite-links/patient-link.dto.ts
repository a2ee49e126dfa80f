import { ApiProperty } from '@nestjs/swagger';
import { NamedScope } from '../../access/access.contract.js';
import { NamedPerson } from '../../people/people.contract.js';
import { EnumField, MultilineField, IntegerField } from '../../../shared/http/fields.js';
import { NameField } from '../../../shared/http/names.js';
import { pageOf } from '../../../shared/http/lists/page.dto.js';
import { LOCALES, type Locale } from '../../../shared/mail/locales.js';
import type { PatientLinkState } from './patient-link.js';
import { PATIENT_WINDOWS } from '../invitations/patient-windows.js';

const MOST_USES = 1_000_000;
const LINK_STATES = ['open', 'expired', 'revoked', 'used-up', 'stopped'] as const;

export class CreatePatientLinkDto {
  @NameField({ description: 'For the list, for example where it hangs', example: 'Poster in ward 3', optional: true })
  name?: string;
  @EnumField({ description: 'How long the link stands', of: PATIENT_WINDOWS })
  expiresIn: (typeof PATIENT_WINDOWS)[number];
  @IntegerField({
    description: 'Enrolments it is good for; any number unless given',
    min: 1,
    max: MOST_USES,
    optional: true,
  })
  maxUses?: number;
  @EnumField({ description: 'Language of the mails', of: LOCALES, optional: true })
  locale?: Locale;
}

export class RequestThroughLinkDto {
  @MultilineField({ description: 'Where the invitation is sent', max: 320, example: 'ann@example.org' })
  email: string;
}

export class PatientLinkView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  @ApiProperty({
    type: String,
    enum: LINK_STATES,
    description: 'As the clock has it; `stopped`: whoever made it may not invite patients here any more',
  })
  state: PatientLinkState;
  @ApiProperty({ type: String, format: 'date-time', description: 'Exclusive' })
  expiresAt: string;
  @ApiProperty({ type: Number, nullable: true, description: 'Null: no limit' })
  maxUses: number | null;
  @ApiProperty({ type: Number, description: 'Enrolments through it, and those under way' })
  uses: number;
  @ApiProperty({ type: String, format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: NamedPerson })
  createdBy: NamedPerson;
}

export class PatientLinkPage extends pageOf(PatientLinkView) {}

/** The address of a link, as the API shows it. */
export class PatientLinkUrl {
  @ApiProperty({ type: String, format: 'uri' })
  url: string;
  @ApiProperty({ type: String, description: 'The address as a QR code: an SVG document' })
  qrCode: string;
}

export class CreatedPatientLink extends PatientLinkView {
  @ApiProperty({ type: String, format: 'uri', description: 'Not in lists; later at `/v1/patient-links/:id/url`' })
  url: string;
}

class Organisation {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String })
  name: string;
}

/** What the holder of a patient link may know. */
export class OpenedPatientLink {
  @ApiProperty({ type: String, example: 'patientLink' })
  kind: 'patientLink';
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: Organisation, nullable: true })
  organisation: Organisation | null;
  @ApiProperty({ type: String, format: 'date-time', description: 'Exclusive' })
  expiresAt: string;
}

/** The same answer for everybody. */
export class RequestTaken {
  @ApiProperty({ type: String, example: 'If you can be invited, a mail with your invitation is on its way' })
  message: string;
}
