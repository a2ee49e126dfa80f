import shared from '@eventstore/db-client/generated/shared_pb.js';
import pb, { type ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Connection } from './connection.js';
import { positionIn, type LogPosition } from './log-position.js';
import { everythingIn } from './reading.js';
import { StoreCalls } from './store-calls.js';

const MOST_UNDER_WAY = 8;
const PATIENCE_MS = 3_000;

/** What the server's filter takes: the hyphen keeps `staff` from meaning `staffing` too. */
export function prefixesOf(categories: readonly string[]): string[] {
  return categories.map((category) => `${category}-`);
}

/** Looks at the end of the log. */
export class Head {
  private readonly calls = new StoreCalls({ lanes: MOST_UNDER_WAY, patienceMs: PATIENCE_MS });

  constructor(private readonly connection: Connection) {}

  /** Where the last event in these categories is. @throws EventStoreUnavailable */
  async of(categories: readonly string[]): Promise<LogPosition | undefined> {
    return categories.length === 0 ? undefined : this.last(lastEvent(prefixesOf(categories)));
  }

  /** Where the last event of anybody is. @throws EventStoreUnavailable */
  async ofAll(): Promise<LogPosition | undefined> {
    return this.last(lastEvent(null));
  }

  async quiet(): Promise<void> {
    await this.calls.quiet();
  }

  private async last(request: ReadReq): Promise<LogPosition | undefined> {
    return this.calls.run(async (signal) => {
      const responses = await everythingIn<ReadResp>(await this.connection.beginReading(request), signal);
      return positionIn(responses.find((response) => response.hasEvent())?.getEvent()?.getEvent());
    });
  }
}

function lastEvent(prefixes: readonly string[] | null): ReadReq {
  const { AllOptions, ReadDirection } = pb.ReadReq.Options;
  return readingAll(new AllOptions().setEnd(new shared.Empty()), ReadDirection.BACKWARDS, prefixes, 1);
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
