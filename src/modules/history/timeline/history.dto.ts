import { ApiProperty } from '@nestjs/swagger';
import { NamedScope } from '../../access/access.contract.js';
import { EnumField, IdField, IntegerField, RepeatableEnumField, TimeField } from '../../../shared/http/fields.js';
import { PageDto, pageOf } from '../../../shared/http/lists/page.dto.js';
import { type Kind, KINDS } from '../fold/kinds.js';

/** A filter names at most so many kinds. */
const MAX_KINDS = 20;
const MAX_NUMBER = 1e15;

/** The forms of a stream, by the media type that a caller accepts. */
export const STREAM_TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;
export type StreamForm = keyof typeof STREAM_TYPES;
export const STREAM_FORMS = ['ndjson', 'csv'] as const satisfies readonly StreamForm[];

/** The filters of a timeline. */
export class HistoryListDto extends PageDto {
  @IdField({ description: 'Who did it, as another answer showed the id to you', optional: true })
  actor?: string;
  @IdField({ description: 'Whom it is about, as another answer showed the id to you', optional: true })
  subject?: string;
  @RepeatableEnumField({
    description: 'Kinds of entries; may be repeated. Without it, every kind except for `internal.*`',
    of: KINDS,
    maxItems: MAX_KINDS,
    optional: true,
  })
  kind?: Kind[];
  @TimeField({ description: 'Entries after this time', optional: true, example: '2026-01-01T00:00:00Z' })
  from?: string;
  @TimeField({ description: 'Entries up to and including this time', optional: true, example: '2026-02-01T00:00:00Z' })
  to?: string;
  @IntegerField({
    description: 'Entries before this number, to go on after a stream that broke off',
    min: 0,
    max: MAX_NUMBER,
    optional: true,
  })
  before?: number;
  @IdField({ description: 'Entries of one call, by the `correlation` of one of them', optional: true })
  correlation?: string;
  @EnumField({
    description: 'A stream of all entries in this form, for callers who cannot set `Accept`, such as a link',
    of: STREAM_FORMS,
    optional: true,
  })
  format?: StreamForm;
}

export class HistoryPerson {
  @ApiProperty({
    type: String,
    format: 'uuid',
    required: false,
    description: 'An alias if you may not identify the person. Absent for the product itself and for platform staff.',
  })
  personId?: string;
  @ApiProperty({ type: String, nullable: true, description: 'The name at that time, or a pseudonym' })
  name: string | null;
  @ApiProperty({ type: Boolean, required: false, description: 'True where the product acted by itself' })
  system?: boolean;
  @ApiProperty({ type: Boolean, required: false, description: 'True where the staff of the installation acted' })
  platformStaff?: boolean;
}

class FieldChange {
  @ApiProperty({ type: String, example: 'role' })
  field: string;
  @ApiProperty({ type: String, nullable: true, description: 'The value before as text; null if it is not known' })
  from: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'The value after as text; null if it is empty' })
  to: string | null;
}

/** One event as a reader sees it. */
export class HistoryEntryView {
  @ApiProperty({ type: String, format: 'uuid', description: 'The same as `eventId`' })
  id: string;
  @ApiProperty({ type: String, format: 'uuid', description: 'An alias if you may not identify the subject' })
  eventId: string;
  @ApiProperty({ type: 'integer', description: 'How many events stand before it in the log' })
  number: number;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'How many events of its organisation stand before it; null outside of organisations',
  })
  organisationNumber: number | null;
  @ApiProperty({ type: String, description: 'Its `Event-Position`' })
  position: string;
  @ApiProperty({ type: String, format: 'date-time', description: 'When it was recorded' })
  at: string;
  @ApiProperty({ type: HistoryPerson })
  actor: HistoryPerson;
  @ApiProperty({ type: String, enum: KINDS })
  kind: string;
  @ApiProperty({ type: HistoryPerson, required: false, description: 'Whom it is about' })
  subject?: HistoryPerson;
  @ApiProperty({ type: NamedScope, description: 'Where it happened, by the name at that time' })
  scope: NamedScope;
  @ApiProperty({ type: String, description: 'What happened, in the language of `Accept-Language`' })
  summary: string;
  @ApiProperty({ type: Boolean, description: 'Whether a reason or a message was given' })
  hasReason: boolean;
  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    description: 'The reason or the message; absent for readers who may not see it, null after an erasure',
  })
  reason?: string | null;
  @ApiProperty({ type: [FieldChange] })
  changes: FieldChange[];
  @ApiProperty({ type: String, format: 'uuid', required: false, description: 'The entry that caused this one' })
  causedBy?: string;
  @ApiProperty({ type: String, description: 'The same for all entries of one call' })
  correlation: string;
}

export class HistoryPage extends pageOf(HistoryEntryView) {}
