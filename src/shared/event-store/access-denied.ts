import { EventStoreUnavailable } from './event-store.js';

/** The store refuses who asks, or what they ask. Callers hear the same as when it doesn't answer; only an operator can change it, so it isn't asked again at once. */
export class EventStoreAccessDenied extends EventStoreUnavailable {
  constructor() {
    super();
    this.name = 'EventStoreAccessDenied';
    this.message = 'EventStoreDB denies access: check the user and password in EVENTSTORE_URL, and what this user may read and write';
  }
}
