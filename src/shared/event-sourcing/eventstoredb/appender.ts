import { EventStoreUnavailable, type AppendOutcome } from '../event-store.js';
import type { SerialisedAppend } from '../serialised-append.js';
import { AppendLine } from './append-line.js';
import type { Connection } from './connection.js';
import { LogTooOld } from './failures.js';
import { positionText } from './log-position.js';
import { StoreCalls } from './store-calls.js';
import type { StreamReader } from './stream-reader.js';

const MOST_UNDER_WAY = 256;
const PATIENCE_MS = 5_000;

/**
 * Appends to many streams at once over one line. It sends an append with an unknown outcome again unchanged. This is
 * safe, because the server compares event ids at the exact revision.
 */
export class Appender {
  private readonly calls = new StoreCalls({ maxConcurrentCalls: MOST_UNDER_WAY, patienceMs: PATIENCE_MS });
  private line: Promise<AppendLine> | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly reader: StreamReader,
  ) {}

  /**
   * Returns one outcome per append, in order. When one outcome stays unknown, it still waits for the others before it
   * throws.
   * @throws EventStoreUnavailable, AppendRefused
   */
  async write(appends: readonly SerialisedAppend[]): Promise<AppendOutcome[]> {
    const ends = await Promise.allSettled(appends.map((append) => this.writeOne(append)));
    return ends.map((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    });
  }

  async whenIdle(): Promise<void> {
    await this.calls.whenIdle();
  }

  async close(): Promise<void> {
    await this.whenIdle();
    (await this.line?.catch(() => undefined))?.hangUp();
  }

  private async writeOne(append: SerialisedAppend): Promise<AppendOutcome> {
    const answer = await this.calls.run(async (signal) => (await this.openLine()).send(append, signal));
    if (!answer.ok) return answer;
    return { ok: true, position: answer.position ? positionText(answer.position) : await this.positionOf(append) };
  }

  /** Finds the position of an append that was already stored, because the server doesn't always report it. */
  private async positionOf({ stream, expectedRevision, events }: SerialisedAppend): Promise<string> {
    const stored = (await this.reader.read(stream)).find(
      ({ revision }) => revision === expectedRevision + events.length,
    );
    if (!stored) throw new LogTooOld();
    return stored.position;
  }

  private async openLine(): Promise<AppendLine> {
    this.line ??= this.connection.beginAppending().then((call) => new AppendLine(call));
    const mine = this.line;
    try {
      const line = await mine;
      if (line.isOpen) return line;
    } catch {
      // The line failed to open. The next append opens another, as it does for a closed line.
    }
    if (this.line === mine) this.line = undefined;
    throw new EventStoreUnavailable();
  }
}
