/** The current time for everything that `expiresAt` decides or that waits to become due. Tests set their own clock. */
export class Clock {
  now(): Date {
    return new Date();
  }
}
