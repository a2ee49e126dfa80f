/** Gives the current time to all code that compares with `expiresAt` or with a due time. Tests set their own clock. */
export class Clock {
  now(): Date {
    return new Date();
  }
}
