/** How long a session holds unused, in milliseconds; null: as long as it lives. Set by SESSION_IDLE_HOURS. */
export class SessionIdleTime {
  constructor(readonly ms: number | null) {}

  /** A session last used before this moment is over; null: none is. */
  limitAt(now: number): Date | null {
    return this.ms === null ? null : new Date(now - this.ms);
  }
}
