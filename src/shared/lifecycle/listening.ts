import { Injectable } from '@nestjs/common';

/** What begins once the server listens, because it needs to know where: Nest has no hook for that moment. */
@Injectable()
export class Listening {
  private readonly works: (() => unknown)[] = [];

  /** Has this done then, after what was registered before it. */
  begin(work: () => unknown): void {
    this.works.push(work);
  }

  /** Told when the server listens and its address is known. @throws what a beginning throws: the start has failed */
  async announce(): Promise<void> {
    for (const work of this.works) await work();
  }
}
