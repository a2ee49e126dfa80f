import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { WorkLease } from '../../instances/work-lease.js';
import { WorkFailures } from '../../work-failures.js';
import { IdempotentCalls } from './idempotent-calls.js';

const EVERY_MS = 600_000;

/** Removes answers that were kept long enough. */
@Injectable()
export class IdempotencySweep {
  constructor(
    private readonly calls: IdempotentCalls,
    private readonly lease: WorkLease,
    private readonly failures: WorkFailures,
  ) {}

  @Interval(EVERY_MS)
  async run(): Promise<void> {
    if (this.lease.held) await this.calls.sweep().catch((error: unknown) => { this.failures.record('sweep', error); });
  }
}
