/** Tells subscriptions of this process that something was appended. */
export class Signal {
  /** How often it rang; who remembers it before looking misses nothing that comes while looking. */
  count = 0;
  private readonly sleepers = new Set<() => void>();

  notify(): void {
    this.count += 1;
    for (const wakeUp of [...this.sleepers]) wakeUp();
  }

  /** Resolves when it rang after `count`, after `forMs`, or when the signal aborts; holds no process open. */
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
