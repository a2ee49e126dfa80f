import { randomUUID } from 'node:crypto';
import { PLATFORM } from '../../../src/modules/access/scope-ref.js';
import { CommandHandling, type DomainEvent } from '../../../src/shared/event-sourcing/command-handling.js';
import { STREAM_DOES_NOT_EXIST, type EventStore } from '../../../src/shared/event-sourcing/event-store.js';
import type { ReadSet } from '../../../src/shared/event-sourcing/append-condition.js';
import type { Attempt } from '../../../src/shared/event-sourcing/optimistic-retry.js';
import { runInContext } from '../../../src/shared/request-context/request-context.js';
import { RuleBroken } from '../../../src/shared/problems/problem-codes.js';
import { describeOnEveryEngine, openEventStore, type TestDatabase } from '../../support/engines.js';
import { Random } from './event-store-support.js';

const EVENT_CONTEXT = { actor: 'system', scope: PLATFORM, organisationId: null };

/** A stream says whether its door is open or shut. A command that finds the door open stores a note. */
describeOnEveryEngine(
  'an attempt whose append is conditional on the streams that it read',
  (engine) => {
    const random = new Random('attempts');
    let place: TestDatabase;
    let store: EventStore;
    let commandHandling: CommandHandling;
    beforeAll(async () => {
      place = await engine.openDatabase();
      store = await openEventStore(place);
    });
    // Each test has its own, because it caches what it reads.
    beforeEach(() => {
      commandHandling = new CommandHandling(store);
    });
    afterAll(async () => {
      await store.close();
      await place.close();
    });

    async function currentTurn(door: string, ...states: ('open' | 'shut')[]): Promise<void> {
      const expectedRevision = (await store.read(door)).at(-1)?.revision ?? STREAM_DOES_NOT_EXIST;
      await store.append({ stream: door, expectedRevision, events: states.map((state) => random.event({ state })) });
    }

    async function aDoor(...states: ('open' | 'shut')[]): Promise<string> {
      const door = random.stream();
      await currentTurn(door, ...states);
      return door;
    }

    const attempting = async <Result>(attempt: Attempt<Result>, cached = true): Promise<Result> => {
      const id = randomUUID();
      return runInContext({ correlationId: id, causationId: id, commandId: id }, async () =>
        commandHandling.retrying(attempt, { cached }),
      );
    };

    async function storeNote(
      at: string,
      reads: ReadSet,
      domainEvents: DomainEvent[] = [{ type: 'Noted', data: {} }],
    ): Promise<void> {
      await commandHandling.decide({
        stream: at,
        eventContext: EVENT_CONTEXT,
        decide: () => domainEvents,
        onlyIf: reads,
      });
    }

    /** Stores a note when the door is open. @returns the door's state at each attempt */
    async function leaveNote(
      door: string,
      at: string,
      then: () => Promise<void> = async () => Promise.resolve(),
    ): Promise<unknown[]> {
      const seen: unknown[] = [];
      await attempting(async (reads) => {
        seen.push(await stateOf(door, reads));
        if (seen.at(-1) !== 'open') throw new RuleBroken('forbidden');
        if (seen.length === 1) await then();
        await storeNote(at, reads, [{ type: 'Noted', data: { door } }]);
      });
      return seen;
    }

    async function stateOf(door: string, reads: ReadSet): Promise<unknown> {
      return (await reads.read(door)).at(-1)?.data['state'];
    }

    async function remember(door: string): Promise<void> {
      await attempting(async (reads) => stateOf(door, reads));
    }

    async function notesAt(stream: string): Promise<number> {
      return (await store.read(stream)).length;
    }

    it('runs once while those streams are unchanged', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      expect([await leaveNote(door, at), await leaveNote(door, at)]).toEqual([['open'], ['open']]);
      expect(await notesAt(at)).toBe(2);
    });

    it('stores nothing when it is no longer allowed', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      await remember(door);
      await currentTurn(door, 'shut');
      await expect(leaveNote(door, at)).rejects.toEqual(new RuleBroken('forbidden'));
      expect(await notesAt(at)).toBe(0);
    });

    it('is not refused by a cached state when it is allowed now', async () => {
      const [door, unbuilt, at] = [await aDoor('shut'), random.stream(), random.stream()];
      for (const one of [door, unbuilt]) {
        await remember(one);
        await currentTurn(one, 'open');
        expect((await leaveNote(one, at)).at(-1)).toBe('open');
      }
      expect(await notesAt(at)).toBe(2);
    });

    it('answers by the present state when it stores nothing', async () => {
      const door = await aDoor('shut');
      await remember(door);
      await currentTurn(door, 'open');
      expect(await attempting(async (reads) => stateOf(door, reads))).toBe('open');
      await currentTurn(door, 'shut');
      expect(await attempting(async (reads) => stateOf(door, reads))).toBe('shut');
    });

    it('trusts no cached state that it reads after an append, unless that state holds', async () => {
      const [door, other, at] = [await aDoor('open'), await aDoor('open'), random.stream()];
      await remember(other);
      const seen: unknown[] = [];
      await currentTurn(other, 'shut');
      await attempting(async (reads) => {
        await stateOf(door, reads);
        await storeNote(at, reads);
        seen.push(await stateOf(other, reads));
      });
      expect([seen.at(-1), await notesAt(at)]).toEqual(['shut', 1]);
    });

    it('fails at once with an error that is no rule', async () => {
      const door = await aDoor('open');
      let times = 0;
      await expect(
        attempting(async (reads) => {
          await stateOf(door, reads);
          times += 1;
          throw new TypeError('a fault');
        }),
      ).rejects.toThrow('a fault');
      expect(times).toBe(1);
    });

    it('reads a long stream and an evicted one whole', async () => {
      const long = await aDoor(...Array.from({ length: 120 }, () => 'shut' as const));
      for (let round = 0; round < 3; round += 1)
        expect(await attempting(async (reads) => (await reads.read(long)).length)).toBe(120);
      const doors = Array.from({ length: 1200 }, () => random.stream());
      for (let at = 0; at < doors.length; at += 300)
        await attempting(async (reads) => reads.readMany(doors.slice(at, at + 300)));
      await currentTurn(doors[0]!, 'open');
      expect(await attempting(async (reads) => stateOf(doors[0]!, reads))).toBe('open');
    });

    it('reads anew in an attempt without the cache', async () => {
      const door = await aDoor('open');
      await remember(door);
      await currentTurn(door, 'shut');
      expect(await attempting(async (reads) => stateOf(door, reads), false)).toBe('shut');
    });

    it('sees one state of a stream in all its reads', async () => {
      const door = await aDoor('open');
      const seen = await attempting(async (reads) => {
        const first = await stateOf(door, reads);
        await currentTurn(door, 'shut');
        return [first, await stateOf(door, reads)];
      }, false);
      expect(seen).toEqual(['open', 'open']);
    });

    it('stores nothing when those streams move again during its second attempt', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      await remember(door);
      await currentTurn(door, 'open');
      let times = 0;
      const seen: unknown[] = [];
      await expect(
        attempting(async (reads) => {
          times += 1;
          seen.push(await stateOf(door, reads));
          if (seen.at(-1) !== 'open') throw new RuleBroken('forbidden');
          if (times === 2) await currentTurn(door, 'shut');
          await storeNote(at, reads);
        }),
      ).rejects.toEqual(new RuleBroken('forbidden'));
      expect([seen, await notesAt(at)]).toEqual([['open', 'open', 'shut'], 0]);
    });

    it('gives up when those streams move at each attempt', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      await expect(
        attempting(async (reads) => {
          await stateOf(door, reads);
          await currentTurn(door, 'open');
          await storeNote(at, reads);
        }),
      ).rejects.toMatchObject({ code: 'too-many-conflicts' });
      expect(await notesAt(at)).toBe(0);
    });

    it('stores at a revision that it decided on before only while those streams are unchanged', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      const seen: unknown[] = [];
      await expect(
        attempting(async (reads) => {
          seen.push(await stateOf(door, reads));
          if (seen.at(-1) !== 'open') throw new RuleBroken('forbidden');
          await currentTurn(door, 'shut');
          await commandHandling.appendExpecting(
            at,
            STREAM_DOES_NOT_EXIST,
            EVENT_CONTEXT,
            [{ type: 'Noted', data: {} }],
            reads,
          );
        }, false),
      ).rejects.toEqual(new RuleBroken('forbidden'));
      expect([seen, await notesAt(at)]).toEqual([['open', 'shut'], 0]);
    });

    it('depends also on streams that it reads while it decides', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      await remember(door);
      await currentTurn(door, 'shut');
      const seen: unknown[] = [];
      const decide = (reads: ReadSet) => async (): Promise<DomainEvent[]> => {
        seen.push(await stateOf(door, reads));
        return seen.at(-1) === 'open' ? [{ type: 'Noted', data: {} }] : [];
      };
      await attempting(async (reads) =>
        commandHandling.decide({ stream: at, eventContext: EVENT_CONTEXT, decide: decide(reads), onlyIf: reads }),
      );
      expect([seen, await notesAt(at)]).toEqual([['open', 'shut'], 0]);
    });

    it('stores nothing when those streams move between its read and its append', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      await expect(leaveNote(door, at, async () => currentTurn(door, 'shut'))).rejects.toEqual(
        new RuleBroken('forbidden'),
      );
      expect(await notesAt(at)).toBe(0);
      await currentTurn(door, 'open');
      await remember(door);
      expect(await leaveNote(door, at, async () => currentTurn(door, 'open'))).toEqual(['open', 'open']);
      expect(await notesAt(at)).toBe(1);
    });
  },
  { alsoOnEventStoreDb: true },
);
