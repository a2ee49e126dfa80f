/** What time it is, for everything that is decided by `expiresAt` or waits to become due. A test puts in one that it can set. */
export class Clock {
  now(): Date {
    return new Date();
  }
}
