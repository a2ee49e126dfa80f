import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** One small request. */
export interface Small {
  what: string;
  /** When it was sent, in milliseconds since 1970. */
  at: number;
  /** The time from then to the whole answer, in milliseconds. */
  ms: number;
  /** The status is 0 when there was no answer. */
  status: number;
}

/** Another user of the product, in a process of its own, so that neither the server nor the test slows it down. */
export class SmallRequests {
  private constructor(
    private readonly child: ChildProcess,
    private readonly seen: Promise<string>,
  ) {}

  /** @param path of the organisation to which it also invites addresses one by one */
  static start(url: string, token: string, path: string, perSecond: number): SmallRequests {
    const env = {
      PATH: process.env.PATH,
      URL_OF_PRODUCT: url,
      TOKEN: token,
      ORGANISATION_PATH: path,
      PER_SECOND: String(perSecond),
    };
    const child = spawn(process.execPath, [join(import.meta.dirname, 'small-requests-process.mjs')], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return new SmallRequests(child, text(child.stdout));
  }

  /** Resolves with all requests, once the last is answered. May be called again. */
  async stop(): Promise<Small[]> {
    this.child.stdin!.end();
    return JSON.parse(await this.seen) as Small[];
  }
}

/** Count, p50, p99 and the longest, in milliseconds. */
export function spread(some: readonly Small[]): string {
  const sorted = some.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN).toFixed(0);
  return `${String(some.length)} requests, p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms`;
}
