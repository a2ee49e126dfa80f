/** The log has another event at the place that a follower stands on: it was set back, and has grown since. */
export class LogDiffers extends Error {
  override readonly name = 'LogDiffers';
  constructor() {
    super('the event log has another event at the place that was handled last');
  }
}
