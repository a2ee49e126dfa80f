/** An error of the store by its code alone, because its text names streams or holds rows. */
export class EventStoreFailed extends Error {
  override readonly name = 'EventStoreFailed';

  constructor(readonly code: string) {
    super(`the event store failed with ${code}`);
  }
}
