import { randomUUID } from 'node:crypto';
import { status, type handleServerStreamingCall, type ServerWritableStream } from '@grpc/grpc-js';
import pb, { type ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { exception, statusOf, streamDeleted, type Failure } from './failures.js';
import { matcher, type Matches } from './filters.js';
import type { Log, LogRecord } from './log.js';
import type { Counters, NodeState } from './node-state.js';
import { eventMessage, streamNotFound } from './read-messages.js';
import { requiresLeader } from './role.js';
import { Subscription } from './subscriptions.js';
import { streamName } from './wire.js';

/** The records that a page of a filtered read tests, if the client gives no number. */
const SEARCH_WINDOW = 32;

export type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

class InvalidPosition extends Error {}

/** Streams.Read: one stream or $all, forwards or backwards, or a subscription to either. */
export function read(node: NodeState): handleServerStreamingCall<ReadReq, ReadResp> {
  return (call) =>
    node.faults.answer(() => {
      if (call.cancelled) return;
      try {
        begin(node, call, call.request.getOptions()!);
      } catch (error) {
        call.emit(
          'error',
          error instanceof InvalidPosition
            ? invalidPosition(call)
            : exception(status.INVALID_ARGUMENT, (error as Error).message),
        );
      }
    });
}

/** The status for a position that is no record. A read and a subscription word it differently. */
function invalidPosition({ request }: ReadCall): ReturnType<typeof exception> {
  return request.getOptions()!.hasSubscription()
    ? exception(status.INVALID_ARGUMENT, 'Trying to read from an invalid position.')
    : exception(status.UNKNOWN, 'Unexpected ReadAllResult: InvalidPosition');
}

function begin(node: NodeState, call: ReadCall, options: ReadReq.Options): void {
  const { denial } = node.faults;
  if (options.hasSubscription()) {
    const failure = denial ?? rightsOf(node, call, options) ?? node.faults.nextSubscriptionFailure();
    if (failure) call.emit('error', statusOf(failure));
    else node.subscriptions.add(subscription(node, call, options));
    return;
  }
  node.counters.reads += 1;
  const refusal = denial ?? rightsOf(node, call, options) ?? node.role.refusal(requiresLeader(call.metadata));
  const stream = options.hasStream() ? streamName(options.getStream()!.getStreamIdentifier()) : undefined;
  if (refusal) call.emit('error', statusOf(refusal));
  else if (stream !== undefined && node.log.isTombstoned(stream)) call.emit('error', streamDeleted(stream));
  else if (options.hasFilter() && node.faults.searchMs > 0)
    setTimeout(() => {
      send(node, call, ofAll(node, options));
    }, node.faults.searchMs);
  else send(node, call, options.hasStream() ? ofStream(node, options) : ofAll(node, options));
}

/** The reason why the caller may not read, if there is one. */
function rightsOf(node: NodeState, call: ReadCall, options: ReadReq.Options): Failure | undefined {
  return node.rights.refusal(call.metadata, readStream(options), '$r');
}

function readStream(options: ReadReq.Options): string {
  return options.hasStream() ? streamName(options.getStream()!.getStreamIdentifier()) : '$all';
}

function* ofStream({ log, counters }: NodeState, options: ReadReq.Options): Generator<ReadResp> {
  const name = streamName(options.getStream()!.getStreamIdentifier());
  const records = log.visible(name);
  if (!records) {
    yield streamNotFound(name);
    return;
  }
  const from = options.getStream()!;
  const last = records.length - 1;
  const hidden = Number(records[0]?.revision ?? 0);
  const at = from.hasRevision() ? Math.max(Number(from.getRevision()) - hidden, 0) : from.hasEnd() ? last : 0;
  if (isForwards(options)) yield* page(counters, records, from.hasEnd() ? last + 1 : at, 1, options);
  else yield* page(counters, records, Math.min(at, last), -1, options);
}

/** Reads `$all` from a position, forwards with its record and backwards with the one before it. */
function ofAll({ log, counters }: NodeState, options: ReadReq.Options): Generator<ReadResp> {
  const all = options.getAll()!;
  const position = all.getPosition();
  const from = position ? indexOf(log, position) : all.hasEnd() ? log.records.length : 0;
  return isForwards(options)
    ? page(counters, log.records, from, 1, options)
    : page(counters, log.records, from - 1, -1, options);
}

function* page(
  counters: Counters,
  records: readonly LogRecord[],
  from: number,
  step: 1 | -1,
  options: ReadReq.Options,
): Generator<ReadResp> {
  const matches: Matches = matcher(options.getFilter());
  // The read ends here, because events that are appended during it are no part of it.
  const end = records.length;
  let left = Number(options.getCount());
  for (let at = from; at >= 0 && at < end && left > 0; at += step) {
    counters.examined += 1;
    if (!matches(records[at]!)) continue;
    left -= 1;
    yield eventMessage(records[at]!);
  }
}

/** Writes messages as fast as the client reads, then ends the call. */
function send(node: NodeState, call: ReadCall, messages: Iterator<ReadResp>): void {
  while (!call.cancelled) {
    const { done, value } = messages.next();
    if (done) {
      call.end();
      return;
    }
    if (call.write(value)) continue;
    call.once('drain', () => {
      node.faults.whenRunning(() => {
        send(node, call, messages);
      });
    });
    return;
  }
}

/** Subscribes after a position. If that is beyond the head, events before it are skipped. */
function subscription(
  { log, faults, role, rights, counters }: NodeState,
  call: ReadCall,
  options: ReadReq.Options,
): Subscription {
  const filter = options.getFilter();
  const window = filter?.hasMax() ? filter.getMax() : SEARCH_WINDOW;
  return new Subscription({
    id: randomUUID(),
    call,
    faults,
    counters,
    ...(options.hasStream() ? streamSource(log, options.getStream()!) : allSource(log, options.getAll()!)),
    matches: matcher(filter),
    denial: () => rights.denial(call.metadata, readStream(options), '$r'),
    refusal: () => role.refusal(requiresLeader(call.metadata)),
    checkpointEvery: filter ? window * filter.getCheckpointintervalmultiplier() : undefined,
  });
}

type Source = Pick<ConstructorParameters<typeof Subscription>[0], 'records' | 'next' | 'after'>;

function streamSource(log: Log, from: ReadReq.Options.StreamOptions): Source {
  const name = streamName(from.getStreamIdentifier());
  const records = (): readonly LogRecord[] => log.stream(name) ?? [];
  return { records, next: from.hasRevision() ? Number(from.getRevision()) + 1 : from.hasEnd() ? records().length : 0 };
}

function allSource(log: Log, from: ReadReq.Options.AllOptions): Source {
  const records = (): readonly LogRecord[] => log.records;
  const position = from.getPosition();
  if (!position) return { records, next: from.hasEnd() ? log.records.length : 0 };
  const after = Number(position.getCommitPosition());
  if (after > log.head) return { records, next: log.records.length, after };
  const index = indexOf(log, position);
  return { records, next: log.records[index]?.position === after ? index + 1 : index };
}

/** The index of the record at a position. @throws InvalidPosition if no record begins there */
function indexOf(log: Log, position: ReadReq.Options.Position): number {
  const commit = Number(position.getCommitPosition());
  const index = log.indexAt(commit);
  if (commit > 0 && index < log.records.length && log.records[index]!.position !== commit) throw new InvalidPosition();
  return index;
}

function isForwards(options: ReadReq.Options): boolean {
  return options.getReadDirection() === pb.ReadReq.Options.ReadDirection.FORWARDS;
}
