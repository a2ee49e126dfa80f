import { convertGrpcRecord } from '@eventstore/db-client/dist/utils/convertGrpcEvent.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import pb, { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Ahead, Subscription } from '../event-store.js';
import { isOurs } from '../foreign.js';
import type { Connection } from './connection.js';
import { atPosition, readingAll, prefixesOf, type Head } from './head.js';
import { compareLogPositions, parsePosition, positionIn, positionText, type LogPosition } from './log-position.js';
import { everythingIn } from './reading.js';
import { StoreCalls } from './store-calls.js';
import { toLoggedEvent } from './stored-events.js';

const MOST_UNDER_WAY = 4;
const PATIENCE_MS = 3_000;
/** Events of the wanted categories that one look reads where few types are wanted: the server filters by one of both alone. */
const READ_AT_MOST = 1_000;
/** And where all are: the first may be somebody else's. */
const SOME = 10;
/** `created` counts tenths of a microsecond. */
const TICKS_PER_MS = 10_000n;

interface Seen {
  isOurs: boolean;
  position: LogPosition;
  type: string;
  recordedAt: string;
}

/** Looks at what comes next in the log. */
export class Outlook {
  private readonly calls = new StoreCalls({ lanes: MOST_UNDER_WAY, patienceMs: PATIENCE_MS });

  constructor(
    private readonly connection: Connection,
    private readonly head: Head,
  ) {}

  /** Costs what foreign events lie in between: the server passes them one by one. @throws EventStoreUnavailable */
  async lookAhead({ after, categories, types }: Pick<Subscription, 'after' | 'categories' | 'types'>): Promise<Ahead> {
    const from = after === null ? undefined : parsePosition(after);
    // Before reading: what comes later than this may be missing in what is read.
    const end = await this.head.ofAll();
    // A reading begins with the event at its position.
    const count = (types ? READ_AT_MOST : SOME) + 1;
    const seen = await this.read(from, prefixesOf(categories), count);
    const ahead = seen.filter(({ position }) => !from || compareLogPositions(position, from) > 0);
    const found = ahead.find(({ isOurs: ours, type }) => ours && (!types || types.includes(type)));
    const isEnd = seen.length < count;
    const lookedUpTo = latest([from, ahead.at(-1)?.position, ...(isEnd ? [end] : [])]);
    return { recordedAt: found?.recordedAt ?? null, lookedUpTo: lookedUpTo ? positionText(lookedUpTo) : null, isEnd };
  }

  async quiet(): Promise<void> {
    await this.calls.quiet();
  }

  private async read(from: LogPosition | undefined, prefixes: readonly string[], count: number): Promise<Seen[]> {
    const { AllOptions, ReadDirection } = pb.ReadReq.Options;
    return this.calls.run(async (signal) => {
      const request = readingAll(from ? atPosition(from) : new AllOptions().setStart(new shared.Empty()), ReadDirection.FORWARDS, prefixes, count);
      const responses = await everythingIn<ReadResp>(await this.connection.beginReading(request), signal);
      return responses.flatMap((response) => seenIn(response) ?? []);
    });
  }
}

function seenIn(response: ReadResp): Seen | undefined {
  const event = response.getEvent()?.getEvent();
  const position = positionIn(event);
  if (!event || !position) return undefined;
  const metadata = event.getMetadataMap();
  const created = Number(BigInt(metadata.get('created') ?? '0') / TICKS_PER_MS);
  return { isOurs: isOurs(toLoggedEvent(convertGrpcRecord(event))), position, type: metadata.get('type') ?? '', recordedAt: new Date(created).toISOString() };
}

function latest(positions: readonly (LogPosition | undefined)[]): LogPosition | undefined {
  return positions.reduce((last, position) => (position && (!last || compareLogPositions(position, last) > 0) ? position : last), undefined);
}
