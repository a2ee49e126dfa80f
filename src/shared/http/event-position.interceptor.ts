import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, type Observable } from 'rxjs';
import { mergeMap } from 'rxjs/operators';
import { CATEGORIES } from '../event-store/categories.js';
import { EventStore } from '../event-store/event-store.js';
import { currentContext } from '../event-store/request-context.js';
import { ProjectionRunner } from '../projections/projection-runner.js';
import { SILENT_ROUTE } from './operation.js';
import { RuleBroken } from '../problems/problem-codes.js';

/** How long a read may wait for the read models. Source: DOMAIN §6 */
const PATIENCE_MS = 5000;

/** `Event-Position` on every write; `Min-Event-Position` makes a call wait until the read models have got there, before permissions are looked at. */
@Injectable()
export class EventPositionInterceptor implements NestInterceptor {
  constructor(
    private readonly store: EventStore,
    private readonly projections: ProjectionRunner,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    await this.waitFor(request.headers['min-event-position']);
    const silent = this.reflector.get<boolean | undefined>(SILENT_ROUTE, context.getHandler()) === true;
    if (silent || request.method === 'GET' || request.method === 'HEAD') return next.handle();
    return next.handle().pipe(
      mergeMap((body: unknown) =>
        from(
          this.position().then((position) => {
            if (position !== null) void reply.header('Event-Position', position);
            return body;
          }),
        ),
      ),
    );
  }

  private async waitFor(position: string | string[] | undefined): Promise<void> {
    if (position === undefined) return;
    let reached: boolean;
    try {
      reached = await this.projections.reached(String(position), PATIENCE_MS);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RuleBroken('invalid-input', { errors: [{ field: 'Min-Event-Position', message: 'must be an Event-Position' }] });
    }
    if (!reached) throw new RuleBroken('read-model-behind', { retryAfter: 1 });
  }

  /** Of what this request stored; a write that changed nothing is as good as the log's end. */
  private async position(): Promise<string | null> {
    return currentContext()?.position ?? this.store.head(CATEGORIES);
  }
}
