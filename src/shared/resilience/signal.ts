/** Notifies waiting code in this process, for example subscriptions when events were appended. */
export class Signal {
  /** The number of notifications. A reader that notes it before a look misses no notification during the look. */
  count = 0;
  private readonly sleepers = new Set<() => void>();

  notify(): void {
    this.count += 1;
    for (const wakeUp of [...this.sleepers]) wakeUp();
  }

  /**
   * Resolves when the count has changed, after `forMs`, or when the signal aborts. It doesn't keep the process running.
   */
  async after(count: number, forMs: number, signal: AbortSignal): Promise<void> {
    if (this.count !== count || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wakeUp = (): void => {
      resolve(undefined);
    };
    const timer = setTimeout(wakeUp, forMs).unref();
    this.sleepers.add(wakeUp);
    signal.addEventListener('abort', wakeUp, { once: true });
    await promise;
    clearTimeout(timer);
    this.sleepers.delete(wakeUp);
    signal.removeEventListener('abort', wakeUp);
  }
}
