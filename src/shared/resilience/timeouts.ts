/** How something outside is asked: what its errors mean, and how long an answer is waited for. */
export interface TimeoutPolicy {
  /** Of a driver's error, or of `NoAnswer`: an error without the driver's details. */
  meaningOf: (error: unknown) => Error;
  /** From now on, asked again when that time is over: there may be reason to wait longer. */
  withinMs: () => number;
}

/** What was asked did not answer in time; whether it did what it was asked is unknown. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor() {
    super('no answer in time');
  }
}

/** The answer of one attempt. @throws what `meaningOf` makes of its error, or of `NoAnswer`: then the signal is aborted */
export async function withTimeout<Result>(
  { meaningOf, withinMs }: TimeoutPolicy,
  attempt: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const silence = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      if (ended) return;
      if (withinMs() > 0) {
        wait();
        return;
      }
      reject(new NoAnswer());
      late.abort();
    };
    const wait = (): void => {
      // An event loop that was held finds timers due before it looks at what has arrived meanwhile.
      timer = setTimeout(() => {
        setImmediate(giveUp);
      }, withinMs());
    };
    wait();
  });
  try {
    return await Promise.race([attempt(late.signal), silence]);
  } catch (error) {
    throw meaningOf(error);
  } finally {
    ended = true;
    clearTimeout(timer);
  }
}
