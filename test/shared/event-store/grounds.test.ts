import { randomUUID } from 'node:crypto';
import { PLATFORM } from '../../../src/shared/access/scope-ref.js';
import { Decisions, type Fact } from '../../../src/shared/event-store/decisions.js';
import { NO_STREAM, type EventStore } from '../../../src/shared/event-store/event-store.js';
import { Grounds } from '../../../src/shared/event-store/grounds.js';
import { runInContext } from '../../../src/shared/event-store/request-context.js';
import { RuleBroken } from '../../../src/shared/problems/problem-codes.js';
import { describeOnEngines, openEventStore, type TestDatabase } from '../../support/engines.js';
import { Random } from './event-store-support.js';

const ATTRIBUTION = { actor: 'system', scope: PLATFORM, organisationId: null };

/** A door that is open or shut, as its stream says; whoever finds it open leaves a note. */
describeOnEngines('work that presumes its grounds to be as they are remembered', (engine) => {
  const random = new Random('presumed grounds');
  let place: TestDatabase;
  let store: EventStore;
  let grounds: Grounds;
  let decisions: Decisions;
  beforeAll(async () => {
    place = await engine.openDatabase();
    store = await openEventStore(place);
    decisions = new Decisions(store);
  });
  beforeEach(() => { grounds = new Grounds(store); });
  afterAll(async () => {
    await store.close();
    await place.close();
  });

  async function turn(door: string, ...states: ('open' | 'shut')[]): Promise<void> {
    const expectedRevision = (await store.read(door)).at(-1)?.revision ?? NO_STREAM;
    await store.append({ stream: door, expectedRevision, events: states.map((state) => random.event({ state })) });
  }

  async function aDoor(...states: ('open' | 'shut')[]): Promise<string> {
    const door = random.stream();
    await turn(door, ...states);
    return door;
  }

  const presuming = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const id = randomUUID();
    return runInContext({ correlationId: id, causationId: id, commandId: id }, async () => grounds.presume(work));
  };

  /** @returns what the door was each time it was looked at */
  async function leaveNote(door: string, at: string, then: () => Promise<void> = async () => Promise.resolve()): Promise<unknown[]> {
    const seen: unknown[] = [];
    await presuming(async () => {
      seen.push(await stateOf(door));
      if (seen.at(-1) !== 'open') throw new RuleBroken('forbidden');
      if (seen.length === 1) await then();
      const note = (): Fact[] => [{ type: 'Noted', data: { door } }];
      await decisions.decide(at, ATTRIBUTION, note);
    });
    return seen;
  }

  async function stateOf(door: string): Promise<unknown> {
    return (await grounds.read(door)).at(-1)?.data['state'];
  }

  async function remember(door: string): Promise<void> {
    await presuming(async () => stateOf(door));
  }

  async function notesAt(stream: string): Promise<number> {
    return (await store.read(stream)).length;
  }

  it('is done once while they are', async () => {
    const [door, at] = [await aDoor('open'), random.stream()];
    expect([await leaveNote(door, at), await leaveNote(door, at)]).toEqual([['open'], ['open']]);
    expect(await notesAt(at)).toBe(2);
  });

  it('stores nothing where it is no longer allowed', async () => {
    const [door, at] = [await aDoor('open'), random.stream()];
    await remember(door);
    await turn(door, 'shut');
    await expect(leaveNote(door, at)).rejects.toEqual(new RuleBroken('forbidden'));
    expect(await notesAt(at)).toBe(0);
  });

  it('is not refused where it is allowed by now', async () => {
    const [door, unbuilt, at] = [await aDoor('shut'), random.stream(), random.stream()];
    for (const one of [door, unbuilt]) {
      await remember(one);
      await turn(one, 'open');
      expect((await leaveNote(one, at)).at(-1)).toBe('open');
    }
    expect(await notesAt(at)).toBe(2);
  });

  it('answers what is so by now where it stores nothing', async () => {
    const door = await aDoor('shut');
    await remember(door);
    await turn(door, 'open');
    expect(await presuming(async () => stateOf(door))).toBe('open');
    await turn(door, 'shut');
    expect(await presuming(async () => stateOf(door))).toBe('shut');
  });

  it('goes by nothing that it has read after it stored something, unless that holds', async () => {
    const [door, other, at] = [await aDoor('open'), await aDoor('open'), random.stream()];
    await remember(other);
    const seen: unknown[] = [];
    await turn(other, 'shut');
    await presuming(async () => {
      await stateOf(door);
      await decisions.decide(at, ATTRIBUTION, () => [{ type: 'Noted', data: {} }]);
      seen.push(await stateOf(other));
    });
    expect([seen.at(-1), await notesAt(at)]).toEqual(['shut', 1]);
  });

  it('fails as it does, at once, where no rule refused it', async () => {
    const door = await aDoor('open');
    let times = 0;
    await expect(presuming(async () => {
      await stateOf(door);
      times += 1;
      throw new TypeError('a fault');
    })).rejects.toThrow('a fault');
    expect(times).toBe(1);
  });

  it('sees a long stream and a forgotten one whole', async () => {
    const long = await aDoor(...Array.from({ length: 120 }, () => 'shut' as const));
    for (let round = 0; round < 3; round += 1) expect(await presuming(async () => (await grounds.read(long)).length)).toBe(120);
    const doors = Array.from({ length: 1200 }, () => random.stream());
    for (let at = 0; at < doors.length; at += 300) await presuming(async () => grounds.readMany(doors.slice(at, at + 300)));
    await turn(doors[0]!, 'open');
    expect(await presuming(async () => stateOf(doors[0]!))).toBe('open');
  });

  it('beside work that presumes nothing: that reads anew', async () => {
    const door = await aDoor('open');
    await remember(door);
    await turn(door, 'shut');
    expect(await stateOf(door)).toBe('shut');
  });

  if (engine.name !== 'EventStoreDB stand-in') {
    it('stores nothing where they move again while it is done again', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      await remember(door);
      await turn(door, 'open');
      let times = 0;
      const seen: unknown[] = [];
      await expect(presuming(async () => {
        times += 1;
        seen.push(await stateOf(door));
        if (seen.at(-1) !== 'open') throw new RuleBroken('forbidden');
        if (times === 2) await turn(door, 'shut');
        await decisions.decide(at, ATTRIBUTION, () => [{ type: 'Noted', data: {} }]);
      })).rejects.toEqual(new RuleBroken('forbidden'));
      expect([seen, await notesAt(at)]).toEqual([['open', 'open', 'shut'], 0]);
    });

    it('gives up in the end where they move all the time', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      await expect(presuming(async () => {
        await stateOf(door);
        await turn(door, 'open');
        await decisions.decide(at, ATTRIBUTION, () => [{ type: 'Noted', data: {} }]);
      })).rejects.toMatchObject({ code: 'too-many-conflicts' });
      expect(await notesAt(at)).toBe(0);
    });

    it('may not store past the look', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      await expect(presuming(async () => {
        await stateOf(door);
        await decisions.appendAt(at, NO_STREAM, ATTRIBUTION, [{ type: 'Noted', data: {} }]);
      })).rejects.toThrow(TypeError);
      expect(await notesAt(at)).toBe(0);
    });

    it('depends on what it looks at while it decides, too', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      await remember(door);
      await turn(door, 'shut');
      const seen: unknown[] = [];
      await presuming(async () => decisions.decide(at, ATTRIBUTION, async () => {
        seen.push(await stateOf(door));
        return seen.at(-1) === 'open' ? [{ type: 'Noted', data: {} }] : [];
      }));
      expect([seen, await notesAt(at)]).toEqual([['open', 'shut'], 0]);
    });

    it('stores nothing where they move between the look and the append', async () => {
      const [door, at] = [await aDoor('open'), random.stream()];
      await expect(leaveNote(door, at, async () => turn(door, 'shut'))).rejects.toEqual(new RuleBroken('forbidden'));
      expect(await notesAt(at)).toBe(0);
      await turn(door, 'open');
      await remember(door);
      expect(await leaveNote(door, at, async () => turn(door, 'open'))).toEqual(['open', 'open']);
      expect(await notesAt(at)).toBe(1);
    });
  }
}, { alsoOnEventStoreDb: true });
