import { EventStoreDbEventStore } from '../../../src/shared/event-sourcing/eventstoredb/eventstoredb-event-store.js';
import { StandIn } from '../../support/eventstoredb-fake/fake.js';
import { eventStoreContract } from './contract.js';

const SERVER = process.env.TEST_EVENTSTORE_URL;

eventStoreContract('EventStoreDB stand-in', async () => {
  const standIn = await StandIn.start();
  const store = new EventStoreDbEventStore(standIn.connectionString);
  return {
    store,
    close: async () => {
      await store.close();
      await standIn.stop();
    },
  };
});

if (!SERVER) process.stdout.write('The event store: not run on EventStoreDB, because TEST_EVENTSTORE_URL is not set\n');
else {
  eventStoreContract('EventStoreDB', async () => {
    const store = new EventStoreDbEventStore(SERVER);
    return Promise.resolve({ store, close: () => store.close() });
  });
}
