import { applyDecorators, HttpCode, SetMetadata, type Type } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiProperty,
  ApiResponse,
  type ApiHeaderOptions,
} from '@nestjs/swagger';
import type { Permission } from './permissions.js';
import { IDEMPOTENT_ROUTE, MAX_KEY_LENGTH, PublicRoute, SilentRoute } from '../../shared/http/route-markers.js';
import { workOnce } from '../../shared/http/idempotency/idempotency.guard.js';
import { AnswersWith } from '../../shared/http/answers-with.js';
import type { ProblemCode } from '../../shared/problems/problem-codes.js';

interface OperationOptions {
  /** The operation id; absent if it follows from the names of the controller and the method. */
  id?: string;
  summary: string;
  description?: string | undefined;
  /**
   * The permission that the call needs in the scope of the path's `:id`; absent if a session or any role there is
   * enough.
   */
  needs?: Permission | undefined;
  /** The kind of thing that the path's `:id` names. Paths of the `platform` have no `:id`. */
  at?: string;
  /** The thing has an alias for readers who may not identify its person. */
  byAlias?: boolean | undefined;
  /** Callers need not be signed in. */
  public?: true;
  /** The body of the answer; absent if there is none. */
  answers?: Type;
  /** The media type of an answer that is a text file, as in `text/csv`. */
  file?: string;
  /** Default: 200, or 204 without a body. */
  status?: number;
  /** Codes besides those of every route of this sort. */
  codes?: readonly ProblemCode[];
  /** The write is allowed in an archived scope. */
  whileArchived?: true;
  /** The method is POST, but the call reads only, or its write stores no event. */
  storesNothing?: true;
  /** The write answers without `Event-Position`: its growth would reveal the outcome, or no read follows from it. */
  silent?: true;
  /** The POST honours `Idempotency-Key`. Its caller is signed in, it stores events, and its answer holds no secret. */
  idempotent?: true;
}

/** A field that a problem document (RFC 9457) refuses. */
class FieldProblem {
  @ApiProperty({ type: String, description: 'Path of the field', example: 'targets.patients' })
  field: string;
  @ApiProperty({ type: String, description: 'What is wrong with the field' })
  message: string;
  @ApiProperty({
    type: String,
    required: false,
    description: 'Permanent code of the reason; only for fields that are refused for one of several reasons',
    example: 'password-too-common',
  })
  code?: string;
}
class Problem {
  @ApiProperty({ type: String, format: 'uri-reference', example: 'urn:rolecall:problem:forbidden' })
  type: string;
  @ApiProperty({ type: String })
  title: string;
  @ApiProperty({ type: Number })
  status: number;
  @ApiProperty({ type: String, description: 'Permanent code; branch on it', enum: [] })
  code: string;
  @ApiProperty({ type: String, description: 'Id of the request; quote it when you ask for help' })
  requestId: string;
  @ApiProperty({
    type: [FieldProblem],
    required: false,
    description: 'Only with `invalid-input`: up to 50 bad fields. If there are more, the last entry says how many.',
  })
  errors?: FieldProblem[];
}

const MIN_EVENT_POSITION: ApiHeaderOptions = {
  name: 'Min-Event-Position',
  required: false,
  description: '`Event-Position` of an earlier answer. The read waits until the read models include it.',
  schema: { type: 'string' },
};

const IDEMPOTENCY_KEY: ApiHeaderOptions = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Printable ASCII of your choice, for example a random UUID. A repeated call with the same key and body has no second effect for 24 hours. ' +
    'It gets the first answer again, with the header `Idempotency-Replayed`. A refused call that stored nothing leaves the key free.',
  schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH },
};

const SHOWN_ID =
  'Id as another answer showed it to you: an alias if you may not identify the person. Any other id is answered as unknown.';

/** Declares what a route promises: its purpose, its callers, its answer, and every code of its refusals. */
export function Operation(options: OperationOptions): MethodDecorator {
  return (target, key, descriptor) => {
    const status = options.status ?? (options.answers || options.file ? 200 : 204);
    const file = options.file ? { content: { [options.file]: { schema: { type: 'string' as const } } } } : {};
    const body = options.answers ? { type: options.answers } : file;
    const extensions = {
      ...(options.needs ? { 'x-permission': options.needs } : {}),
      ...(options.at ? { 'x-scope': options.at } : {}),
      ...(options.whileArchived ? { 'x-while-archived': true } : {}),
      ...(options.storesNothing ? { 'x-stores-nothing': true } : {}),
      ...(options.silent ? { 'x-silent': true } : {}),
    };
    const { id, summary, description } = options;
    if (options.idempotent) workOnce(descriptor);
    applyDecorators(
      HttpCode(status),
      ApiExtraModels(Problem),
      ApiOperation({
        ...(id ? { operationId: id } : {}),
        summary,
        ...(description ? { description } : {}),
        ...extensions,
      }),
      ApiResponse({ status, description: 'Done', ...body }),
      ...(options.silent ? [SilentRoute()] : []),
      ...(options.idempotent ? [SetMetadata(IDEMPOTENT_ROUTE, true), ApiHeader(IDEMPOTENCY_KEY)] : []),
      ...(hasId(options.at)
        ? [
            ApiParam({
              name: 'id',
              ...(options.byAlias ? { description: SHOWN_ID } : {}),
              schema: { type: 'string', format: 'uuid' },
            }),
          ]
        : []),
      ...(options.public ? [PublicRoute()] : [ApiBearerAuth(), ApiHeader(MIN_EVENT_POSITION)]),
      AnswersWith(codesOf(options)),
    )(target, key, descriptor);
  };
}

function hasId(at: OperationOptions['at']): boolean {
  return at !== undefined && at !== 'platform';
}

function codesOf({ needs, at, public: open, idempotent, codes = [] }: OperationOptions): ProblemCode[] {
  const standard: ProblemCode[] = [
    'invalid-input',
    'origin-not-allowed',
    'payload-too-large',
    'unsupported-media-type',
    'internal-error',
    'database-unavailable',
    'event-store-unavailable',
    'read-model-behind',
    'stream-incomplete',
    'stream-unreadable',
  ];
  if (!open) standard.push('unauthenticated');
  if (needs) standard.push('forbidden');
  if (hasId(at)) standard.push('not-found');
  if (hasId(at) && at !== 'organisation' && !at?.startsWith('own-') && !at?.startsWith('group'))
    standard.push('offboarded');
  if (idempotent) standard.push('idempotency-key-in-use', 'idempotency-key-reused');
  return [...new Set([...standard, ...codes])];
}
