import type { Failure } from './failures.js';
import { statusOf } from './failures.js';
import type { Faults } from './faults.js';
import type { Matches } from './filters.js';
import type { Log, LogRecord } from './log.js';
import { caughtUp, checkpoint, confirmation, eventMessage, fellBehind } from './read-messages.js';
import type { Counters } from './node-state.js';
import type { ReadCall } from './read-service.js';

/** The lag in records at which a live subscription falls behind and catches up again. */
const LIVE_BUFFER = 128;

interface Start {
  id: string;
  call: ReadCall;
  faults: Faults;
  counters: Counters;
  records: () => readonly LogRecord[];
  /** The index of the first record to test. */
  next: number;
  /** Records up to this position are skipped, also future ones. */
  after?: number;
  matches: Matches;
  /** The reason why the caller may no longer read, if there is one. */
  denial: () => Failure | undefined;
  /** The reason why this node refuses to catch up, if there is one. A live subscription does not check it. */
  refusal: () => Failure | undefined;
  /** The records that are tested between two checkpoints. Undefined for no checkpoints. */
  checkpointEvery: number | undefined;
}

/** One subscription call. It catches up to the end of the log, then it is live. */
export class Subscription {
  private readonly start: Start;
  private next: number;
  private considered = 0;
  private checkpointAt = -1;
  private live = false;
  private draining = false;

  constructor(start: Start) {
    this.start = start;
    this.next = start.next;
    start.call.write(confirmation(start.id));
  }

  /** Sends the available records, as fast as the client reads. */
  pump(): void {
    const { call, records } = this.start;
    if (this.draining || call.cancelled) return;
    const denied = this.start.denial();
    if (denied) {
      this.fail(denied);
      return;
    }
    if (this.live && records().length - this.next > LIVE_BUFFER) this.fallBehind();
    const refused = !this.live && this.next < records().length ? this.start.refusal() : undefined;
    if (refused) {
      this.fail(refused);
      return;
    }
    if (this.checksAhead()) return;
    while (this.next < records().length) {
      if (!this.pass(records()[this.next++]!)) {
        this.waitForReader();
        return;
      }
    }
    if (this.live) return;
    this.live = true;
    this.sendCheckpoint(records()[this.next - 1]);
    call.write(caughtUp());
  }

  end(): void {
    this.start.call.end();
  }

  fail(failure: Failure): void {
    // Nothing may be written after the error, because it ends the call.
    this.draining = true;
    this.start.call.emit('error', statusOf(failure));
  }

  onClose(closed: () => void): void {
    this.start.call.on('cancelled', closed);
    this.start.call.on('close', closed);
  }

  /** Tests a record, and sends it if it matches. @returns false if the client must read first */
  private pass(record: LogRecord): boolean {
    const { call, counters, matches, after = -1, checkpointEvery = Infinity } = this.start;
    counters.examined += 1;
    if (record.position <= after) return true;
    const ready = !matches(record) || call.write(eventMessage(record));
    this.considered += 1;
    if (this.considered < checkpointEvery) return ready;
    this.considered = 0;
    this.sendCheckpoint(record);
    return ready;
  }

  private sendCheckpoint(record: LogRecord | undefined): void {
    if (this.start.checkpointEvery === undefined || !record || record.position <= this.checkpointAt) return;
    this.checkpointAt = record.position;
    this.start.call.write(checkpoint(record.position));
  }

  /** Sends a checkpoint before its events. @returns true while those events wait */
  private checksAhead(): boolean {
    const { faults, records } = this.start;
    const last = records().at(-1);
    if (faults.aheadMs === 0 || !last || last.position <= this.checkpointAt || this.next >= records().length)
      return false;
    this.sendCheckpoint(last);
    this.draining = true;
    setTimeout(() => {
      this.draining = false;
      this.pump();
    }, faults.aheadMs);
    return true;
  }

  private fallBehind(): void {
    this.live = false;
    this.start.call.write(fellBehind());
    this.sendCheckpoint(this.start.records()[this.next - 1]);
  }

  private waitForReader(): void {
    this.draining = true;
    this.start.call.once('drain', () => {
      this.draining = false;
      this.start.faults.whenRunning(() => {
        this.pump();
      });
    });
  }
}

/** All subscriptions of one fake. */
export class Subscriptions {
  private readonly open = new Set<Subscription>();

  constructor(log: Log, faults: Faults) {
    log.onAppend(() => {
      if (this.open.size > 0)
        faults.whenRunning(() => {
          for (const one of this.open) one.pump();
        });
    });
  }

  get size(): number {
    return this.open.size;
  }

  add(subscription: Subscription): void {
    this.open.add(subscription);
    subscription.onClose(() => {
      this.open.delete(subscription);
    });
    subscription.pump();
  }

  /** Ends each call without an error, as an ordered shutdown does. */
  endAll(): void {
    for (const one of this.open) one.end();
    this.open.clear();
  }

  /** Leaves the calls open without further events. */
  muteAll(): void {
    this.open.clear();
  }

  failAll(failure: Failure): void {
    for (const one of this.open) one.fail(failure);
    this.open.clear();
  }
}
