import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requireContext } from '../../request-context/request-context.js';
import { RuleBroken } from '../../problems/problem-codes.js';
import { FIELD_MESSAGES } from '../field-messages.js';
import { EVENT_POSITION, positionAfter } from '../positions/event-position.js';
import { IDEMPOTENT_ROUTE, MAX_KEY_LENGTH } from '../route-markers.js';
import { IdempotentCalls, type KeyedCall } from './idempotent-calls.js';

const HEADER = 'Idempotency-Key';
const KEY = new RegExp(`^[\\x20-\\x7e]{1,${String(MAX_KEY_LENGTH)}}$`);

/**
 * Honours `Idempotency-Key` on routes that declare it. The guard puts a function into the request's context, and the
 * route's handler runs through it.
 * A repeated call gets the same body and Event-Position.
 */
@Injectable()
export class IdempotencyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly calls: IdempotentCalls,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { personId?: string | null }>();
    const key = request.headers['idempotency-key'];
    const honoured =
      key !== undefined && this.reflector.get<boolean | undefined>(IDEMPOTENT_ROUTE, context.getHandler()) === true;
    if (!honoured || !request.personId) return true;
    const call = { caller: request.personId, route: routeOf(request), key: checked(key), body: request.body };
    return this.prepare(call, context.switchToHttp().getResponse<FastifyReply>());
  }

  private async prepare(call: KeyedCall, reply: FastifyReply): Promise<true> {
    await this.calls.mustNotDiffer(call);
    requireContext().once = async (work) => this.once(call, reply, work);
    return true;
  }

  private async once(call: KeyedCall, reply: FastifyReply, work: () => Promise<unknown>): Promise<unknown> {
    const { answer, replayed } = await this.calls.once(call, async () => ({
      body: await work(),
      position: positionAfter(),
    }));
    if (replayed) void reply.header('Idempotency-Replayed', 'true');
    if (answer.position !== undefined) void reply.header(EVENT_POSITION, answer.position);
    return answer.body;
  }
}

/** Ignores the case of parameters, because they are ids, which mean the same in any case. */
function routeOf({ routeOptions, params }: FastifyRequest): string[] {
  return [routeOptions.url ?? '', JSON.stringify(params).toLowerCase()];
}

/** @throws RuleBroken `invalid-input` */
function checked(key: string | string[]): string {
  if (typeof key === 'string' && KEY.test(key)) return key;
  throw new RuleBroken('invalid-input', {
    errors: [{ field: HEADER, message: FIELD_MESSAGES.printableAscii(1, MAX_KEY_LENGTH) }],
  });
}

/**
 * Wraps a handler, so that it runs through the function in the request's context when there is one. An interceptor
 * would cost every request several times as much.
 */
export function workOnce(descriptor: PropertyDescriptor): void {
  const handler = descriptor.value as (...given: unknown[]) => Promise<unknown>;
  descriptor.value = {
    async [handler.name](this: unknown, ...given: unknown[]): Promise<unknown> {
      const { once } = requireContext();
      return once ? once(async () => handler.apply(this, given)) : handler.apply(this, given);
    },
  }[handler.name];
}
