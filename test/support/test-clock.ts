import { Clock } from '../../src/shared/time/clock.js';

/** A clock that stops when it is set. Tests move it only forward, because sessions and the log use the real time. */
export class TestClock extends Clock {
  private frozenAt: Date | null = null;

  override now(): Date {
    return this.frozenAt ?? super.now();
  }

  /** @param time ISO UTC @param offsetMs to be added */
  set(time: string | Date, offsetMs = 0): void {
    this.frozenAt = new Date(new Date(time).getTime() + offsetMs);
  }

  advance(ms: number): void {
    this.set(this.now(), ms);
  }
}
