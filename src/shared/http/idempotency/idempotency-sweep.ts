import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Sweeps } from '../../cluster/sweeps.js';
import { IdempotentCalls } from './idempotent-calls.js';

const EVERY_MS = 600_000;

/** Removes expired responses. */
@Injectable()
export class IdempotencySweep {
  constructor(
    private readonly calls: IdempotentCalls,
    private readonly sweeps: Sweeps,
  ) {}

  @Interval(EVERY_MS)
  async run(): Promise<void> {
    await this.sweeps.run(async () => this.calls.sweep());
  }
}
