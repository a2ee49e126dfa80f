/** An error of the store's by its code alone: its own text names streams or holds rows. */
export class EventStoreFailed extends Error {
  override readonly name = 'EventStoreFailed';

  constructor(readonly code: string) {
    super(`the event store failed with ${code}`);
  }
}
