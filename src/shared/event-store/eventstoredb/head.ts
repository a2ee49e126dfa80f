import { convertGrpcRecord } from '@eventstore/db-client/dist/utils/convertGrpcEvent.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import pb, { type ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { isOurs } from '../foreign.js';
import type { Connection } from './connection.js';
import { positionIn, type LogPosition } from './log-position.js';
import { everythingIn } from './reading.js';
import { StoreCalls } from './store-calls.js';
import { toLoggedEvent } from './stored-events.js';

const MOST_UNDER_WAY = 8;
const PATIENCE_MS = 3_000;
/** Events that are looked at together where the last ones aren't ours. */
const SOME = 100;

type Recorded = ReadResp.ReadEvent.RecordedEvent;

/** What the server's filter takes: the hyphen keeps `staff` from meaning `staffing` too. */
export function prefixesOf(categories: readonly string[]): string[] {
  return categories.map((category) => `${category}-`);
}

/** Looks at the end of the log. */
export class Head {
  private readonly calls = new StoreCalls({ lanes: MOST_UNDER_WAY, patienceMs: PATIENCE_MS });

  constructor(private readonly connection: Connection) {}

  /** Where the last event in streams of these categories is, whoever stored it. @throws EventStoreUnavailable */
  async of(categories: readonly string[]): Promise<LogPosition | undefined> {
    if (categories.length === 0) return undefined;
    return positionIn((await this.before(undefined, prefixesOf(categories), 1))[0]);
  }

  /** Where the last event of this product in these categories is: others' are rare there. @throws EventStoreUnavailable */
  async ofOurs(categories: readonly string[]): Promise<LogPosition | undefined> {
    if (categories.length === 0) return undefined;
    let place: LogPosition | undefined;
    for (let count = 1; ; count = SOME) {
      const records = await this.before(place, prefixesOf(categories), count);
      const ours = records.find((record) => isOurs(toLoggedEvent(convertGrpcRecord(record))));
      if (ours || records.length < count) return positionIn(ours);
      place = positionIn(records.at(-1));
    }
  }

  /** Where the last event of anybody is. @throws EventStoreUnavailable */
  async ofAll(): Promise<LogPosition | undefined> {
    return positionIn((await this.before(undefined, null, 1))[0]);
  }

  async quiet(): Promise<void> {
    await this.calls.quiet();
  }

  /** Backwards from a place, or from the end. */
  private async before(place: LogPosition | undefined, prefixes: readonly string[] | null, count: number): Promise<Recorded[]> {
    const { AllOptions, ReadDirection } = pb.ReadReq.Options;
    const from = place ? atPosition(place) : new AllOptions().setEnd(new shared.Empty());
    return this.calls.run(async (signal) => {
      const request = readingAll(from, ReadDirection.BACKWARDS, prefixes, count);
      const responses = await everythingIn<ReadResp>(await this.connection.beginReading(request), signal);
      return responses.flatMap((response) => response.getEvent()?.getEvent() ?? []);
    });
  }
}

/** A reading begins with the event there, or backwards with the one before it. */
export function atPosition({ commit, prepare }: LogPosition): ReadReq.Options.AllOptions {
  const { AllOptions, Position } = pb.ReadReq.Options;
  return new AllOptions().setPosition(new Position().setCommitPosition(String(commit)).setPreparePosition(String(prepare)));
}

/** A reading of `$all`, which the client's own doesn't filter. @param prefixes of streams' names; null: of everybody's */
export function readingAll(from: ReadReq.Options.AllOptions, direction: ReadReq.Options.ReadDirection, prefixes: readonly string[] | null, count: number): ReadReq {
  const { FilterOptions, UUIDOption } = pb.ReadReq.Options;
  const options = new pb.ReadReq.Options()
    .setAll(from)
    .setReadDirection(direction)
    .setCount(String(count))
    .setUuidOption(new UUIDOption().setString(new shared.Empty()));
  if (prefixes === null) options.setNoFilter(new shared.Empty());
  else {
    const names = new FilterOptions.Expression().setPrefixList([...prefixes]);
    options.setFilter(new FilterOptions().setStreamIdentifier(names).setCount(new shared.Empty()).setCheckpointintervalmultiplier(1));
  }
  return new pb.ReadReq().setOptions(options);
}
