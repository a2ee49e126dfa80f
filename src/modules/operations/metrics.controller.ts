import { Controller, Get, Header, Headers } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Metrics, METRICS_TYPE } from '../../shared/http/metrics/metrics.js';
import { MetricsAccess } from '../../shared/http/metrics/metrics-access.js';
import { PublicRoute } from '../../shared/http/route-markers.js';

/**
 * Metrics for Prometheus. They need a token, because they show how busy the installation is. They say nothing about
 * people.
 */
@ApiExcludeController()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly access: MetricsAccess,
  ) {}

  @Get()
  @PublicRoute()
  @Header('Content-Type', METRICS_TYPE)
  async scrape(@Headers('authorization') authorization: string | undefined): Promise<string> {
    this.access.mustHold(authorization);
    return this.metrics.text();
  }
}
