import { RuleBroken } from '../problems/problem-codes.js';

/**
 * A command can't decide on this stream until an operator has repaired the log. `EventChecks` logs which stream it is.
 */
export abstract class BrokenStream extends RuleBroken {
  constructor(code: 'stream-incomplete' | 'stream-unreadable', what: string) {
    super(code);
    this.message = `the event log ${what}: the log line before this one says where (docs/eventstoredb.md, "${code}")`;
  }
}

/** The stream doesn't begin with its first event, lacks one, or was deleted. */
export class StreamIncomplete extends BrokenStream {
  override readonly name = 'StreamIncomplete';
  constructor() {
    super('stream-incomplete', 'lacks events of a stream that this depends on');
  }
}

/** One of the stream's events doesn't have the fields of its type. */
export class StreamUnreadable extends BrokenStream {
  override readonly name = 'StreamUnreadable';
  constructor() {
    super('stream-unreadable', 'holds an event that this depends on and that does not say what its type says');
  }
}
