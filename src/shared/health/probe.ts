import { withTimeout } from '../resilience/timeouts.js';

/** Runs a check for any number of callers. Only one run is in progress at a time, even when it takes long. */
export class Probe<Seen> {
  private running: Promise<Seen | null> | null = null;

  constructor(private readonly ask: () => Promise<Seen>) {}

  /** Returns the result; null after an error or when the time is over. */
  async within(ms: number): Promise<Seen | null> {
    const giveUpAt = performance.now() + ms;
    this.running ??= this.ask()
      .catch(() => null)
      .finally(() => {
        this.running = null;
      });
    const { running } = this;
    return withTimeout(
      { meaningOf: (error) => error as Error, withinMs: () => giveUpAt - performance.now() },
      async () => running,
    ).catch(() => null);
  }
}
