import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { EventStore } from '../../event-store/event-store.js';
import { RuleBroken } from '../../problems/problem-codes.js';
import { EVENT_POSITION, positionAfter } from '../event-position.js';
import { IDEMPOTENT_ROUTE, MAX_KEY_LENGTH } from '../operation.js';
import { IdempotentCalls, type Answer } from './idempotent-calls.js';

const HEADER = 'Idempotency-Key';
const KEY = new RegExp(`^[\\x20-\\x7e]{1,${String(MAX_KEY_LENGTH)}}$`);

/** Honours `Idempotency-Key` on the routes that say so: body and Event-Position are kept. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly calls: IdempotentCalls,
    private readonly store: EventStore,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { personId?: string | null }>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const key = request.headers['idempotency-key'];
    const honoured = this.reflector.get<boolean | undefined>(IDEMPOTENT_ROUTE, context.getHandler()) === true;
    if (key === undefined || !honoured || request.method !== 'POST' || !request.personId) return next.handle();
    const call = { caller: request.personId, route: routeOf(request), key: checked(key), body: request.body };
    const { answer, replayed } = await this.calls.once(call, async (): Promise<Answer> => {
      const body: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      return { body, position: (await positionAfter(this.store)) ?? undefined };
    });
    if (replayed) void reply.header('Idempotency-Replayed', 'true');
    if (answer.position !== undefined) void reply.header(EVENT_POSITION, answer.position);
    return of(answer.body);
  }
}

/** Two spellings of one address are one route; what stands in it are ids, which mean the same in capitals. */
function routeOf({ routeOptions, params }: FastifyRequest): string[] {
  return [routeOptions.url ?? '', JSON.stringify(params).toLowerCase()];
}

/** @throws RuleBroken `invalid-input` */
function checked(key: string | string[]): string {
  if (typeof key === 'string' && KEY.test(key)) return key;
  throw new RuleBroken('invalid-input', { errors: [{ field: HEADER, message: `must have 1 to ${String(MAX_KEY_LENGTH)} printable ASCII characters` }] });
}
