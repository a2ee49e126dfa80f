import { RuleBroken } from '../problems/problem-codes.js';

/** A stream that nothing can be decided on until an operator has mended the log. The log says which: `EventChecks`. */
export abstract class BrokenStream extends RuleBroken {}

/** It doesn't begin with its first event, lacks one, or was deleted. */
export class StreamIncomplete extends BrokenStream {
  override readonly name = 'StreamIncomplete';
  constructor() {
    super('stream-incomplete');
  }
}

/** One of its events doesn't say what its type says. */
export class StreamUnreadable extends BrokenStream {
  override readonly name = 'StreamUnreadable';
  constructor() {
    super('stream-unreadable');
  }
}
