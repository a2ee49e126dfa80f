import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { sql } from 'kysely';
import { Database } from '../../shared/database/database.js';
import { PublicRoute } from '../../shared/http/operation.js';
import { CATEGORIES } from '../../shared/event-store/categories.js';
import { EventStore } from '../../shared/event-store/event-store.js';
import { ProjectionRunner } from '../../shared/projections/projection-runner.js';

/** For whatever runs this process: is it alive, may it get requests. */
@ApiExcludeController()
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly store: EventStore,
    private readonly projections: ProjectionRunner,
  ) {}

  @Get('live')
  @PublicRoute()
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  @PublicRoute()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const [database, eventStore] = await Promise.all([answers(sql`select 1`.execute(this.database.kysely())), answers(this.store.head(CATEGORIES))]);
    const paused = database ? (await this.projections.status()).filter(({ error }) => error !== null).map(({ name }) => name) : [];
    const ok = database && eventStore && paused.length === 0;
    if (!ok) void reply.status(503).header('Retry-After', '2');
    return { status: ok ? 'ok' : 'unavailable', ...(eventStore ? {} : { code: 'event-store-unavailable' }), database, eventStore, pausedProjections: paused };
  }
}

async function answers(asked: Promise<unknown>): Promise<boolean> {
  return asked.then(
    () => true,
    () => false,
  );
}
