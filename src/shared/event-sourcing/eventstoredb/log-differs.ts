/** The log has another event at a follower's position, because it was restored and has grown since. */
export class LogDiffers extends Error {
  override readonly name = 'LogDiffers';
  constructor() {
    super('the event log has another event at the place that was handled last');
  }
}
