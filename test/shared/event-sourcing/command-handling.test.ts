import { randomUUID } from 'node:crypto';
import { PLATFORM } from '../../../src/modules/access/scope-ref.js';
import {
  CommandHandling,
  newId,
  type Decide,
  type DecisionResult,
} from '../../../src/shared/event-sourcing/command-handling.js';
import type { EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import { currentContext, runInContext } from '../../../src/shared/request-context/request-context.js';
import { RuleBroken } from '../../../src/shared/problems/problem-codes.js';
import { describeOnEveryEngine, openEventStore, type TestDatabase } from '../../support/engines.js';

const EVENT_CONTEXT = { actor: 'system', scope: PLATFORM, organisationId: null };

describeOnEveryEngine(
  'a command that is repeated',
  (engine) => {
    let place: TestDatabase;
    let store: EventStore;
    let commandHandling: CommandHandling;
    beforeAll(async () => {
      place = await engine.openDatabase();
      store = await openEventStore(place);
      commandHandling = new CommandHandling(store);
    });
    afterAll(async () => {
      await store.close();
      await place.close();
    });

    const note =
      (...words: string[]): Decide =>
      () =>
        words.map((word) => ({ type: 'Noted', data: { word } }));
    const refuse: Decide = () => {
      throw new RuleBroken('forbidden');
    };
    const as = async <Result>(commandId: string, work: () => Promise<Result>): Promise<Result> =>
      runInContext({ correlationId: randomUUID(), causationId: commandId, commandId }, work);
    const freshStream = (): string => `test-${randomUUID()}`;
    const words = async (stream: string): Promise<unknown[]> =>
      (await store.read(stream)).map(({ data }) => data['word']);

    it('gets its stored decision again, whatever was stored after it', async () => {
      const [stream, command] = [freshStream(), randomUUID()];
      await as(randomUUID(), async () => commandHandling.decideAlone(stream, EVENT_CONTEXT, note('before')));
      const [first, position] = await as(command, async () => [
        await commandHandling.decideAlone(stream, EVENT_CONTEXT, note('a', 'b')),
        currentContext()?.position,
      ]);
      await as(randomUUID(), async () => commandHandling.decideAlone(stream, EVENT_CONTEXT, note('after')));
      for (const decide of [note('a', 'b'), note('something else'), note(), refuse]) {
        const [again, itsPosition] = await as(command, async () => [
          await commandHandling.decideAlone(stream, EVENT_CONTEXT, decide),
          currentContext()?.position,
        ]);
        expect(again).toEqual({ ...first, revision: 3 });
        expect(itsPosition).toBe(position);
      }
      expect(first.history.map(({ data }) => data['word'])).toEqual(['before']);
      expect(await words(stream)).toEqual(['before', 'a', 'b', 'after']);
    });

    it('decides on streams where it stored nothing before', async () => {
      const [done, open, unchanged, command] = [freshStream(), freshStream(), freshStream(), randomUUID()];
      const pending = (decide: Decide) => (stream: string) => ({
        stream,
        eventContext: EVENT_CONTEXT,
        decide,
        onlyIf: null,
      });
      await as(command, async () =>
        commandHandling.decideMany([pending(note('first'))(done), pending(note())(unchanged)]),
      );
      const outcomes = await as(command, async () =>
        commandHandling.decideMany([done, open, unchanged].map(pending(note('second')))),
      );
      expect(outcomes.map((outcome) => (outcome as DecisionResult).domainEvents.map(({ data }) => data))).toEqual([
        [{ word: 'first' }],
        [{ word: 'second' }],
        [{ word: 'second' }],
      ]);
      expect(await Promise.all([done, open, unchanged].map(words))).toEqual([['first'], ['second'], ['second']]);
    });

    it('gives new things the same ids as before', async () => {
      const command = randomUUID();
      const ids = async (of: string) => as(of, async () => Promise.resolve(['organisation', 'deployment'].map(newId)));
      expect(await ids(command)).toEqual(await ids(command));
      expect(new Set([...(await ids(command)), ...(await ids(randomUUID()))]).size).toBe(4);
    });

    it('stores one decision when it runs several times at once, and all get that decision', async () => {
      const [stream, command] = [freshStream(), randomUUID()];
      const make: Decide = () => [{ type: 'Noted', data: { word: newId(stream) } }];
      const outcomes = await Promise.all(
        Array.from({ length: 5 }, async () =>
          as(command, async () => commandHandling.decideAlone(stream, EVENT_CONTEXT, make)),
        ),
      );
      const stored = await words(stream);
      expect(stored).toHaveLength(1);
      expect(
        outcomes.map(({ domainEvents }) => domainEvents.map(({ data }) => (data as { word: string }).word)),
      ).toEqual(Array(5).fill(stored));
    });
  },
  { alsoOnEventStoreDb: true },
);
