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
import type { ScopeKind } from './scope-ref.js';
import { requireContext } from '../../shared/request-context/request-context.js';
import { IDEMPOTENT_ROUTE, MAX_KEY_LENGTH, PublicRoute, SilentRoute } from '../../shared/http/route-markers.js';
import { AnswersWith } from '../../shared/http/answers-with.js';
import type { ProblemCode } from '../../shared/problems/problem-codes.js';

interface OperationOptions {
  summary: string;
  description?: string;
  /**
   * The permission that the call needs in the scope of the path's `:id`. Without one, being signed in or any role there
   * is enough.
   */
  needs?: Permission;
  /** The kind of the path's `:id`; `platform`: there is only one, and no `:id`. */
  at?:
    | ScopeKind
    | 'staff'
    | 'staff-invitation'
    | 'own-invitation'
    | 'own-unsubscription'
    | 'role'
    | 'patient'
    | 'patient-invitation'
    | 'patient-link'
    | 'group-invitation'
    | 'group-member'
    | 'group-file';
  /** Callers need not be signed in. */
  public?: true;
  /** The body of the answer; without it there is none. */
  answers?: Type;
  /** 200 unless given; 204 without a body. */
  status?: number;
  /** Codes besides those that every such route has. */
  codes?: readonly ProblemCode[];
  /** A write that is allowed in an archived scope. */
  whileArchived?: true;
  /** The method is POST, but the call reads only, or its write stores no event. */
  storesNothing?: true;
  /** A write that answers without `Event-Position`, because the log's growth would reveal what happened. */
  silent?: true;
  /**
   * A POST that honours `Idempotency-Key`. Its caller is signed in, it stores events, and its answer holds no secret.
   */
  idempotent?: true;
}

/** A problem document, RFC 9457. Which codes there are, the OpenAPI document says of the whole application. */
class FieldProblem {
  @ApiProperty({ type: String, description: 'Path of the field', example: 'targets.patients' })
  field: string;
  @ApiProperty({ type: String, description: 'What is wrong with it' })
  message: string;
  @ApiProperty({
    type: String,
    required: false,
    description: 'Stable, where a field is refused for one of several reasons',
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
  @ApiProperty({ type: String, description: 'Stable; branch on this', enum: [] })
  code: string;
  @ApiProperty({ type: String, description: 'Quote it when asking for help' })
  requestId: string;
  @ApiProperty({
    type: [FieldProblem],
    required: false,
    description: 'With invalid-input: the bad fields, 50 at most; the last entry then says how many more there are',
  })
  errors?: FieldProblem[];
}

const MIN_EVENT_POSITION: ApiHeaderOptions = {
  name: 'Min-Event-Position',
  required: false,
  description: 'Wait until the read models show this `Event-Position`',
  schema: { type: 'string' },
};

const IDEMPOTENCY_KEY: ApiHeaderOptions = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Printable ASCII that you choose, best a random UUID: sent again within 24 hours with the same body, the call has no second effect ' +
    'and gets the same answer, with the header `Idempotency-Replayed`. A refused call that stored nothing leaves the key free.',
  schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH },
};

/** Things that have another id for readers who may not see the person behind them. */
const SHOWN_BY_ALIAS: readonly OperationOptions['at'][] = ['patient', 'patient-invitation', 'staff-invitation'];
const SHOWN_ID =
  'As you were shown it: an alias where you may not see who it is. Any other id is answered as one that never was';

/** Everything that a route promises: its purpose, its callers, its answer, and every code that it refuses with. */
export function Operation(options: OperationOptions): MethodDecorator {
  return (target, key, descriptor) => {
    const status = options.status ?? (options.answers ? 200 : 204);
    const body = options.answers ? { type: options.answers } : {};
    const extensions = {
      ...(options.needs ? { 'x-permission': options.needs } : {}),
      ...(options.at ? { 'x-scope': options.at } : {}),
      ...(options.whileArchived ? { 'x-while-archived': true } : {}),
      ...(options.storesNothing ? { 'x-stores-nothing': true } : {}),
      ...(options.silent ? { 'x-silent': true } : {}),
    };
    const { summary, description } = options;
    if (options.idempotent) workOnce(descriptor);
    applyDecorators(
      HttpCode(status),
      ApiExtraModels(Problem),
      ApiOperation({ summary, ...(description ? { description } : {}), ...extensions }),
      ApiResponse({ status, description: 'Done', ...body }),
      ...(options.silent ? [SilentRoute()] : []),
      ...(options.idempotent ? [SetMetadata(IDEMPOTENT_ROUTE, true), ApiHeader(IDEMPOTENCY_KEY)] : []),
      ...(hasId(options.at)
        ? [
            ApiParam({
              name: 'id',
              ...(SHOWN_BY_ALIAS.includes(options.at) ? { description: SHOWN_ID } : {}),
              schema: { type: 'string', format: 'uuid' },
            }),
          ]
        : []),
      ...(options.public ? [PublicRoute()] : [ApiBearerAuth(), ApiHeader(MIN_EVENT_POSITION)]),
      AnswersWith(codesOf(options)),
    )(target, key, descriptor);
  };
}

/**
 * Runs the handler through the result that was found for the request's key. An interceptor would cost every request
 * several times as much.
 */
function workOnce(descriptor: PropertyDescriptor): void {
  const handler = descriptor.value as (...given: unknown[]) => Promise<unknown>;
  descriptor.value = {
    async [handler.name](this: unknown, ...given: unknown[]): Promise<unknown> {
      const { once } = requireContext();
      return once ? once(async () => handler.apply(this, given)) : handler.apply(this, given);
    },
  }[handler.name];
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
  if (
    hasId(at) &&
    at !== 'organisation' &&
    at !== 'own-invitation' &&
    at !== 'own-unsubscription' &&
    !at?.startsWith('group')
  )
    standard.push('offboarded');
  if (idempotent) standard.push('idempotency-key-in-use', 'idempotency-key-reused');
  return [...new Set([...standard, ...codes])];
}
