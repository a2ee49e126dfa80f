import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Position } from '../../event-sourcing/event-store.js';
import { currentContext } from '../../request-context/request-context.js';
import { ProjectionRunner } from '../../projections/projection-runner.js';
import { PUBLIC_ROUTE, SILENT_ROUTE } from '../route-markers.js';
import { PositionTokens } from './position-tokens.js';
import { RuleBroken } from '../../problems/problem-codes.js';

/** How long a read may wait for the read models. Source: docs/domain.md §13 */
const PATIENCE_MS = 5000;
export const EVENT_POSITION = 'Event-Position';

type WrittenRequest = FastifyRequest & { sendsPosition?: boolean };

/** `Min-Event-Position` makes a signed-in caller's call wait until the read models have got there, before permissions are looked at. Public routes ignore it. */
@Injectable()
export class EventPositionGuard implements CanActivate {
  constructor(
    private readonly projections: ProjectionRunner,
    private readonly reflector: Reflector,
    private readonly tokens: PositionTokens,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<WrittenRequest>();
    const { method, headers } = request;
    request.sendsPosition =
      method !== 'GET' &&
      method !== 'HEAD' &&
      this.reflector.get<boolean | undefined>(SILENT_ROUTE, context.getHandler()) !== true;
    const position = headers['min-event-position'];
    const isPublic =
      this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, [
        context.getHandler(),
        context.getClass(),
      ]) === true;
    // To wait holds a connection: not for anybody.
    return position === undefined || isPublic || this.waitFor(String(position));
  }

  private async waitFor(token: string): Promise<true> {
    const position = this.tokens.positionIn(token);
    if (position === null) throw noPosition();
    const reached = await this.projections.reached(position, PATIENCE_MS).catch((error: unknown) => {
      // Another event store's positions say nothing here.
      throw error instanceof RangeError ? noPosition() : error;
    });
    if (!reached) throw new RuleBroken('read-model-behind', { retryAfter: 1 });
    return true;
  }
}

function noPosition(): RuleBroken {
  return new RuleBroken('invalid-input', {
    errors: [{ field: 'Min-Event-Position', message: 'must be an Event-Position' }],
  });
}

/**
 * Of what the present request stored, or of what it found as it wanted it; undefined where it touched nothing that is its caller's to see. Never the
 * log's end: that would tell what others do.
 */
export function positionAfter(): Position | undefined {
  const context = currentContext();
  return context?.position ?? context?.unchangedAt;
}

/** `Event-Position` on the answer of every write that was done: of this request, or the one that is kept with a repeated call's answer. */
export function sendEventPosition(fastify: FastifyInstance, tokens: PositionTokens): void {
  fastify.addHook('onSend', (request: WrittenRequest, reply, payload, done) => {
    const kept = reply.getHeader(EVENT_POSITION);
    const position =
      typeof kept === 'string' ? kept : request.sendsPosition && reply.statusCode < 400 ? positionAfter() : undefined;
    if (position !== undefined) void reply.header(EVENT_POSITION, tokens.tokenOf(position));
    done(null, payload);
  });
}
