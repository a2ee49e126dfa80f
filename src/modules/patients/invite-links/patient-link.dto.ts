import { ApiProperty } from '@nestjs/swagger';
import { NamedScope } from '../../access/access.contract.js';
import { NamedPerson } from '../../people/people.contract.js';
import { EnumField, MultilineField, IntegerField } from '../../../shared/http/fields.js';
import { NameField } from '../../../shared/http/names.js';
import { pageOf } from '../../../shared/http/lists/page.dto.js';
import { LOCALES, type Locale } from '../../../shared/mail/texts.js';
import type { PatientLinkState } from './patient-link.js';
import { PATIENT_WINDOWS } from '../invitations/patient-invitation.dto.js';

const MOST_USES = 1_000_000;
const LINK_STATES = ['open', 'expired', 'revoked', 'used-up', 'stopped'] as const;

export class CreatePatientLinkDto {
  @NameField({
    description: 'Name in the list, for example where the poster hangs',
    example: 'Poster in ward 3',
    optional: true,
  })
  name?: string;
  @EnumField({ description: 'How long the link works', example: '1y', of: PATIENT_WINDOWS })
  expiresIn: (typeof PATIENT_WINDOWS)[number];
  @IntegerField({
    description: 'Most enrolments through the link; without it there is no limit',
    example: 50,
    min: 1,
    max: MOST_USES,
    optional: true,
  })
  maxUses?: number;
  @EnumField({ description: 'Language of the mails', example: 'en', of: LOCALES, optional: true })
  locale?: Locale;
}

export class RequestThroughLinkDto {
  @MultilineField({ description: 'Address that the invitation is sent to', max: 320, example: 'ann@example.org' })
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
    description: 'State at this moment; `stopped`: the maker of the link may no longer invite patients here',
  })
  state: PatientLinkState;
  @ApiProperty({ type: String, format: 'date-time', description: 'The link stops working at this moment' })
  expiresAt: string;
  @ApiProperty({ type: Number, nullable: true, description: 'Most enrolments; null means no limit' })
  maxUses: number | null;
  @ApiProperty({ type: Number, description: 'Enrolments through the link, including those under way' })
  uses: number;
  @ApiProperty({ type: String, format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: NamedPerson })
  createdBy: NamedPerson;
}

/** One link, with the deployment that it leads to. */
export class PatientLinkDetails extends PatientLinkView {
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
}

export class PatientLinkPage extends pageOf(PatientLinkView) {}

/** The address of a link, as the API shows it. */
export class PatientLinkUrl {
  @ApiProperty({ type: String, format: 'uri' })
  url: string;
  @ApiProperty({ type: String, description: 'QR code of the address, as an SVG document' })
  qrCode: string;
}

export class CreatedPatientLink extends PatientLinkView {
  @ApiProperty({
    type: String,
    format: 'uri',
    description: 'Address of the link; lists omit it, and `/v1/patient-links/:id/url` shows it again',
  })
  url: string;
}

class Organisation {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String })
  name: string;
}

/** The facts that a patient link shows to its holder. */
export class OpenedPatientLink {
  @ApiProperty({ type: String, example: 'patientLink' })
  kind: 'patientLink';
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: Organisation, nullable: true })
  organisation: Organisation | null;
  @ApiProperty({ type: String, format: 'date-time', description: 'The link stops working at this moment' })
  expiresAt: string;
}

/** The answer to every request, so that it doesn't reveal whether an address is known. */
export class RequestTaken {
  @ApiProperty({ type: String, example: 'If you can be invited, a mail with your invitation is on its way' })
  message: string;
}
