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
  const { AllOptions, FilterOptions, UUIDOption, ReadDirection } = pb.ReadReq.Options;
  const options = new pb.ReadReq.Options()
    .setAll(new AllOptions().setEnd(new shared.Empty()))
    .setReadDirection(ReadDirection.BACKWARDS)
    .setCount('1')
    .setUuidOption(new UUIDOption().setString(new shared.Empty()));
  if (prefixes === null) options.setNoFilter(new shared.Empty());
  else {
    const names = new FilterOptions.Expression().setPrefixList([...prefixes]);
    options.setFilter(new FilterOptions().setStreamIdentifier(names).setCount(new shared.Empty()).setCheckpointintervalmultiplier(1));
  }
  return new pb.ReadReq().setOptions(options);
}
