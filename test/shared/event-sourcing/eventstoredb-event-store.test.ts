import { EventStoreDbEventStore } from '../../../src/shared/event-sourcing/eventstoredb/eventstoredb-event-store.js';
import { FakeEventStoreDb } from '../../support/eventstoredb-fake/fake.js';
import { eventStoreContract } from './contract.js';

const SERVER = process.env.TEST_EVENTSTORE_URL;

eventStoreContract('EventStoreDB fake', async () => {
  const fake = await FakeEventStoreDb.start();
  const store = new EventStoreDbEventStore(fake.connectionString);
  return {
    store,
    close: async () => {
      await store.close();
      await fake.stop();
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
