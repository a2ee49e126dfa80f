import { Logger } from '@nestjs/common';

/** The product waits this long for the slowest answer from outside, which is a mail server's. */
const STEP_WITHIN_MS = 20_000;

/** The steps in which this process stops. A step that fails or takes long doesn't hold up the next one. */
export class Closing {
  private readonly logger = new Logger(Closing.name);
  private readonly errors: unknown[] = [];

  /** Resolves when the work has ended, or after `withinMs`. Late work goes on by itself. Never throws. */
  async step(name: string, work: () => unknown, withinMs = STEP_WITHIN_MS): Promise<void> {
    const begun = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, withinMs, 'late');
    });
    try {
      const end = await Promise.race([(async () => work())(), late]);
      const line = { step: name, ms: Math.round(performance.now() - begun) };
      if (end === 'late')
        this.logger.warn({ ...line, msg: 'a step of closing takes long, closing goes on without it' });
      else this.logger.debug({ ...line, msg: 'closed' });
    } catch (error) {
      this.errors.push(error);
      this.logger.error({ err: error, step: name, msg: 'a step of closing failed' });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Called after the last step. @throws the error of the first step that failed */
  mustHaveSucceeded(): void {
    if (this.errors.length > 0) throw this.errors[0];
  }
}
