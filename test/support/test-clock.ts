import { Clock } from '../../src/shared/time/clock.js';

/** Goes like any other until it is set; then it stands there. To be moved forward only: sessions and the log keep to the real time. */
export class TestClock extends Clock {
  private standing: Date | null = null;

  override now(): Date {
    return this.standing ?? super.now();
  }

  /** @param time ISO UTC @param offsetMs to be added */
  set(time: string | Date, offsetMs = 0): void {
    this.standing = new Date(new Date(time).getTime() + offsetMs);
  }

  advance(ms: number): void {
    this.set(this.now(), ms);
  }
}
