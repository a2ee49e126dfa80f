import { ApiProperty } from '@nestjs/swagger';
import { NamedScope } from '../../access/access.contract.js';
import { IdField, IntegerField, TextField, TimeField } from '../../../shared/http/fields.js';
import { PageDto, pageOf } from '../../../shared/http/lists/page.dto.js';
import { HistoryPerson } from '../timeline/history.dto.js';

export const MAX_NUMBER = 1e15;
const NUMBER = { min: 0, max: MAX_NUMBER, optional: true };

export class AccessListDto extends PageDto {
  @TimeField({ description: 'The instant; not later than now. Without `at` and `number`: now', optional: true })
  at?: string;
  @IntegerField({ ...NUMBER, description: 'The instant right after the entry with this number' })
  number?: number;
  @IdField({ description: 'Grants of one person, by the id that another answer showed to you', optional: true })
  person?: string;
  @IdField({ description: 'Grants at one scope', optional: true })
  scope?: string;
  @TextField({ description: 'Grants that allowed this', optional: true, max: 64, example: 'patients.view-identifiers' })
  permission?: string;
}

export class AccessDiffDto extends PageDto {
  @TimeField({ description: 'The earlier instant; without `from` and `fromNumber`: before everything', optional: true })
  from?: string;
  @IntegerField({ ...NUMBER, description: 'The earlier instant, right after the entry with this number' })
  fromNumber?: number;
  @TimeField({ description: 'The later instant; without `to` and `toNumber`: now', optional: true })
  to?: string;
  @IntegerField({ ...NUMBER, description: 'The later instant, right after the entry with this number' })
  toNumber?: number;
}

export class GrantView {
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'Id of the grant; an alias if you may not identify the person',
  })
  grantId: string;
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'Id of the membership, whose story has an address of its own',
  })
  membershipId: string;
  @ApiProperty({ type: HistoryPerson })
  person: HistoryPerson;
  @ApiProperty({ type: String, enum: ['staff', 'patient', 'observer', 'group-member'] })
  kind: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: String, description: 'Id of the role or key of the permission set, as it was understood then' })
  role: string;
  @ApiProperty({ type: String })
  roleName: string;
  @ApiProperty({ type: [String], description: 'What it allowed then, with what follows from it' })
  permissions: readonly string[];
  @ApiProperty({ type: String, format: 'date-time', description: 'Since when the person held it with this role' })
  since: string;
  @ApiProperty({ type: Boolean, description: 'Held in the organisation above' })
  inherited: boolean;
  @ApiProperty({ type: Boolean, description: 'The scope or the one above was archived, so the holder could only read' })
  archived: boolean;
}

export class AccessPage extends pageOf(GrantView) {
  @ApiProperty({ type: 'integer', description: 'Number of the last entry that counts; -1 before every entry' })
  number: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  at: string | null;
  @ApiProperty({
    type: Boolean,
    description: 'False for an instant less than 5 seconds ago, when more may still be recorded',
  })
  settled: boolean;
}

export class AccessChangeView {
  @ApiProperty({ type: String, enum: ['added', 'removed', 'changed'] })
  change: 'added' | 'removed' | 'changed';
  @ApiProperty({ type: GrantView, nullable: true, description: 'Null where it was added' })
  before: GrantView | null;
  @ApiProperty({ type: GrantView, nullable: true, description: 'Null where it was removed' })
  after: GrantView | null;
  @ApiProperty({ type: [String] })
  permissionsGained: readonly string[];
  @ApiProperty({ type: [String] })
  permissionsLost: readonly string[];
  @ApiProperty({ type: Boolean, description: 'A release changed what the built-in role means' })
  changedByRelease: boolean;
  @ApiProperty({ type: 'array', items: { type: 'integer' }, description: 'Numbers of the entries that changed it' })
  entries: readonly number[];
}

export class InstantView {
  @ApiProperty({ type: 'integer' })
  number: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  at: string | null;
  @ApiProperty({ type: Boolean })
  settled: boolean;
}

export class AccessChangesDto extends PageDto {
  @IdField({ description: 'Whose access, by the id that another answer showed to you' })
  person: string;
}

/** One event that changed what a person might do by one membership. */
export class AccessStepView {
  @ApiProperty({ type: 'integer', description: 'Number of the entry that made the step' })
  number: number;
  @ApiProperty({ type: String, format: 'date-time' })
  at: string;
  @ApiProperty({ type: String, enum: ['staff', 'patient', 'observer', 'group-member'] })
  kind: string;
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'Id of the membership; an alias if you may not identify the person',
  })
  membershipId: string;
  @ApiProperty({ type: NamedScope })
  scope: NamedScope;
  @ApiProperty({ type: String, nullable: true, description: 'Name of the role from then on; null when it ended' })
  roleName: string | null;
  @ApiProperty({ type: [String] })
  gained: readonly string[];
  @ApiProperty({ type: [String] })
  lost: readonly string[];
  @ApiProperty({ type: [String], description: 'What the membership allowed from then on' })
  permissions: readonly string[];
  @ApiProperty({ type: 'array', items: { type: 'integer' }, description: 'Numbers of the entries that made the step' })
  entries: readonly number[];
}

export class AccessStepsPage extends pageOf(AccessStepView) {
  @ApiProperty({ type: 'integer', description: 'All pages are of this instant; -1 before every entry' })
  number: number;
  @ApiProperty({ type: HistoryPerson, nullable: true, description: 'Null for a person who never held anything there' })
  person: HistoryPerson | null;
}

export class AccessDiffPage extends pageOf(AccessChangeView) {
  @ApiProperty({ type: InstantView })
  from: InstantView;
  @ApiProperty({ type: InstantView })
  to: InstantView;
}
