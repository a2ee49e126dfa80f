import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../time/clock.js';
import { RepeatedFailures } from './repeated-failures.js';

/** Work that is repeated until it succeeds, with the level and the message of a failure's log line. */
const WORK = {
  'read-models': ['error', 'projections stopped, trying again'],
  rebuild: ['warn', 'a rebuild was interrupted, going on'],
  reactions: ['error', 'a process manager failed, trying again'],
  mails: ['error', 'the mail dispatcher failed, trying again'],
  expiry: ['error', 'expiry could not be recorded, trying again later'],
  sweep: ['warn', 'cleanup failed, trying again later'],
  counts: ['warn', 'counts could not be recorded, trying again later'],
  'no-leader': [
    'warn',
    'no process runs the background work, and mails wait: start one with PROCESS=worker or PROCESS=all',
  ],
  lease: ['warn', 'the lease of the leader was not renewed'],
  signals: ['warn', 'other instances are not heard, polling until they are'],
} as const satisfies Record<string, readonly ['error' | 'warn', string]>;

type Work = keyof typeof WORK;

/** Counts failures of work that is repeated. Logs one line a minute for each kind of work, with the latest error. */
@Injectable()
export class WorkFailures {
  private readonly logger = new Logger('Work');
  readonly counts: RepeatedFailures<Work>;

  constructor(clock: Clock) {
    this.counts = new RepeatedFailures(Object.keys(WORK) as Work[], clock, ({ reason, count }, latest) => {
      const [level, msg] = WORK[reason];
      this.logger[level]({ ...latest, work: reason, count, msg });
    });
  }

  record(work: Work, error?: unknown): void {
    this.counts.record(work, error === undefined ? {} : { err: error });
  }
}
