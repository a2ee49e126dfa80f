import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { IdempotentCalls } from './idempotent-calls.js';

const EVERY_MS = 600_000;

/** Removes answers that were kept long enough. */
@Injectable()
export class IdempotencySweep {
  constructor(private readonly calls: IdempotentCalls) {}

  @Interval(EVERY_MS)
  async run(): Promise<void> {
    await this.calls.sweep();
  }
}
