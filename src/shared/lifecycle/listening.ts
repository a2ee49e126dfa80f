import { Injectable } from '@nestjs/common';

/** Runs work that needs the server's address, as soon as the server listens. Nest has no hook for that moment. */
@Injectable()
export class Listening {
  private readonly callbacks: (() => unknown)[] = [];

  /** Registers work that runs after what was registered before it. */
  begin(work: () => unknown): void {
    this.callbacks.push(work);
  }

  /** Runs the registered work in order. @throws what the work throws, because the start has then failed */
  async notify(): Promise<void> {
    for (const work of this.callbacks) await work();
  }
}
