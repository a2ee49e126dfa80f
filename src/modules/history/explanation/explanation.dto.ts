import { ApiExtraModels, ApiProperty, getSchemaPath, OmitType, PartialType } from '@nestjs/swagger';
import { SCOPE_KINDS, type ScopeKind } from '../../access/access.domain.contract.js';
import { IntegerField, TimeField } from '../../../shared/http/fields.js';
import { GrantView, InstantView, MAX_NUMBER } from '../access/access.dto.js';
import { KINDS } from '../fold/kinds.js';
import { HistoryEntryView } from '../timeline/history.dto.js';
import { type Basis, BASES, type End, ENDS } from './chain-link.js';

export class ExplanationDto {
  @TimeField({ description: 'The instant; not later than now. Without `at` and `number`: now', optional: true })
  at?: string;
  @IntegerField({
    description: 'The instant right after the entry with this number',
    min: 0,
    max: MAX_NUMBER,
    optional: true,
  })
  number?: number;
}

/** An entry that a permission follows from. */
export interface ChainLinkView extends HistoryEntryView {
  relevance: (typeof RELEVANCES)[number];
  basis: Basis | null;
  authority: number | null;
}

/** A link outside of what the reader may see. */
export interface HiddenLinkView {
  kind: string;
  at: string;
  number: number;
  scope: { kind: ScopeKind };
  hidden: true;
}
export type AnyLinkView = ChainLinkView | HiddenLinkView;

const RELEVANCES = ['needed', 'context'] as const;

class LinkScope {
  @ApiProperty({ type: String, enum: SCOPE_KINDS })
  kind: ScopeKind;
  @ApiProperty({ type: String, format: 'uuid', required: false })
  id?: string;
  @ApiProperty({ type: String, required: false })
  name?: string;
}

/** Both sorts of links as the document has them. */
class LinkView extends PartialType(OmitType(HistoryEntryView, ['kind', 'at', 'number', 'scope'])) {
  @ApiProperty({ type: String, enum: KINDS })
  kind: string;
  @ApiProperty({ type: String, format: 'date-time' })
  at: string;
  @ApiProperty({ type: 'integer' })
  number: number;
  @ApiProperty({ type: LinkScope })
  scope: LinkScope;
  @ApiProperty({
    type: Boolean,
    required: false,
    description: 'True for a link outside of what you may see, which has no fields but `kind`, `at`, `number`, `scope`',
  })
  hidden?: true;
  @ApiProperty({
    type: String,
    enum: RELEVANCES,
    required: false,
    description: '`needed`: without it the permission would not be there. `context`: how it came',
  })
  relevance?: (typeof RELEVANCES)[number];
  @ApiProperty({
    type: String,
    enum: BASES,
    nullable: true,
    required: false,
    description:
      'By what it could happen: a `grant` of its actor, the invitee `oneself`, the `first-start`, a patient `link`, or a `release`. `unknown`: the log does not say. Null for context',
  })
  basis?: Basis | null;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    required: false,
    description: 'Number of the entry that began the grant by whose authority it happened: a key of `authorities`',
  })
  authority?: number | null;
}

@ApiExtraModels(LinkView)
export class ExplanationView extends InstantView {
  @ApiProperty({ type: GrantView, description: 'The grant, as it was at the instant' })
  grant: GrantView;
  @ApiProperty({ type: [LinkView], description: 'The entries that the grant follows from, the oldest first' })
  chain: AnyLinkView[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { $ref: getSchemaPath(LinkView) } },
    description:
      'The chain of each grant by whose authority a link happened, by the number of the entry that began that grant. Each stands once',
  })
  authorities: Record<string, AnyLinkView[]>;
  @ApiProperty({
    type: String,
    enum: ENDS,
    description:
      'What the chain ends with: the `first-start`; a `founder` or a patient `link`, whose maker needed an authority; `unknown` where the log lacks one',
  })
  endsWith: End;
}
