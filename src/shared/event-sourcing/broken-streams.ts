import { RuleBroken } from '../problems/problem-codes.js';

/** A stream that nothing can be decided on until an operator has mended the log. The log says which: `EventChecks`. */
export abstract class BrokenStream extends RuleBroken {
  constructor(code: 'stream-incomplete' | 'stream-unreadable', what: string) {
    super(code);
    this.message = `the event log ${what}: the log line before this one says where (docs/eventstoredb.md, "${code}")`;
  }
}

/** It doesn't begin with its first event, lacks one, or was deleted. */
export class StreamIncomplete extends BrokenStream {
  override readonly name = 'StreamIncomplete';
  constructor() {
    super('stream-incomplete', 'lacks events of a stream that this depends on');
  }
}

/** One of its events doesn't say what its type says. */
export class StreamUnreadable extends BrokenStream {
  override readonly name = 'StreamUnreadable';
  constructor() {
    super('stream-unreadable', 'holds an event that this depends on and that does not say what its type says');
  }
}
