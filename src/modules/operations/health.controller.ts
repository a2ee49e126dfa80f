import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Health, isReady, type HealthReport } from '../../shared/health/health.js';
import { PublicRoute } from '../../shared/http/route-markers.js';

/** Answers operators whether the process is alive, whether it may get requests, and whether anything is wrong. */
@ApiExcludeController()
@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get('live')
  @PublicRoute()
  live(): { status: string } {
    return { status: 'ok' };
  }

  /**
   * For load balancers. Answers 503 only without the database or the event store, because another fault must not take
   * the instance out.
   */
  @Get('ready')
  @PublicRoute()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const report = await this.health.report();
    return answer(reply, isReady(report), report);
  }

  /** For monitors. Answers 503 on any fault. */
  @Get()
  @PublicRoute()
  async all(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const report = await this.health.report();
    return answer(reply, report.reasons.length === 0, report);
  }
}

function answer(reply: FastifyReply, isOk: boolean, report: HealthReport): object {
  if (!isOk) void reply.status(503).header('Retry-After', '2');
  const behind = report.behind.map(({ name, seconds }) => ({
    name,
    seconds: seconds === null ? null : Math.round(seconds),
  }));
  return {
    status: isOk ? 'ok' : 'unavailable',
    ...(report.eventStore ? {} : { code: 'event-store-unavailable' }),
    ...report,
    behind,
  };
}
