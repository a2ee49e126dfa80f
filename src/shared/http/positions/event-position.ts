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

/**
 * Makes a signed-in caller's call with `Min-Event-Position` wait for the read models, before permissions are checked.
 * Public routes ignore it.
 */
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
    // A waiting call holds a connection, so anonymous callers may not wait.
    return position === undefined || isPublic || this.waitFor(String(position));
  }

  private async waitFor(token: string): Promise<true> {
    const position = this.tokens.positionIn(token);
    if (position === null) throw noPosition();
    const reached = await this.projections.reached(position, PATIENCE_MS).catch((error: unknown) => {
      // A position of another event store has no meaning here.
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
 * Returns the position of what the request stored or found unchanged; undefined where it touched nothing that the
 * caller may see.
 * It is never the log's end, because that would reveal other callers' activity.
 */
export function positionAfter(): Position | undefined {
  const context = currentContext();
  return context?.position ?? context?.unchangedAt;
}

/** Sends `Event-Position` with every successful write: the request's own, or the kept one of a repeated call. */
export function sendEventPosition(fastify: FastifyInstance, tokens: PositionTokens): void {
  fastify.addHook('onSend', (request: WrittenRequest, reply, payload, done) => {
    const kept = reply.getHeader(EVENT_POSITION);
    const position =
      typeof kept === 'string' ? kept : request.sendsPosition && reply.statusCode < 400 ? positionAfter() : undefined;
    if (position !== undefined) void reply.header(EVENT_POSITION, tokens.tokenOf(position));
    done(null, payload);
  });
}
