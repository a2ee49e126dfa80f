import { EventStoreUnavailable } from './event-store.js';

const SENTENCES = {
  'access-denied':
    'EventStoreDB refuses access: check the user and password in EVENTSTORE_URL, and what this user may read and write (docs/eventstoredb.md)',
  unsupported:
    'EventStoreDB refuses what it does not support: it must be of version 22.10 or newer (docs/eventstoredb.md)',
} as const;

/**
 * The store refuses the user or the request. Callers get the same error as from a store that doesn't respond. Calls
 * aren't repeated, because only an operator can end the refusal.
 */
export class EventStoreRefuses extends EventStoreUnavailable {
  constructor(why: keyof typeof SENTENCES) {
    super();
    this.name = 'EventStoreRefuses';
    this.message = SENTENCES[why];
  }
}
