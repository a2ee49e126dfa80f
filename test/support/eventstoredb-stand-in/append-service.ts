import { status, type handleBidiStreamingCall, type handleClientStreamingCall, type ServerDuplexStream } from '@grpc/grpc-js';
import type { AppendReq, AppendResp, BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { appendAnswer, batchAnswer, batchBadRequest, batchBusy, batchTimeout, batchTooLarge } from './append-answers.js';
import type { AppendResult, ExpectedRevision } from './append-rules.js';
import { exception, statusOf, type Failure } from './failures.js';
import type { AppendFailure } from './faults.js';
import type { ProposedEvent } from './log.js';
import type { NodeState } from './node-state.js';
import { proposedEvent, sizeOf, streamIdentifier, streamName, uuidText } from './wire.js';

/** The server's default, in bytes. */
const MAX_APPEND_SIZE = 1_048_576;

interface PendingAppend {
  stream: string;
  expected: ExpectedRevision;
  events: ProposedEvent[];
  size: number;
  deadline: number;
}

/** Streams.BatchAppend: many appends over one call, each known by its correlation id and answered on its own. */
export function batchAppend(node: NodeState): handleBidiStreamingCall<BatchAppendReq, BatchAppendResp> {
  return (call) => {
    const pending = new Map<string, PendingAppend>();
    call.on('data', (request: BatchAppendReq) => {
      node.faults.whenRunning(() => { receiveBatch(node, call, pending, request); });
    });
    call.on('end', () => { node.faults.answer(() => call.end()); });
  };
}

function receiveBatch(node: NodeState, call: BatchCall, pending: Map<string, PendingAppend>, request: BatchAppendReq): void {
  const answer = (stream: string, response: BatchAppendResp): void => {
    response.setCorrelationId(request.getCorrelationId()).setStreamIdentifier(streamIdentifier(stream));
    node.faults.answer(() => { if (!call.cancelled) call.write(response); });
  };
  const options = request.getOptions();
  const named = streamName(options?.getStreamIdentifier());
  try {
    const correlation = uuidText(request.getCorrelationId());
    if (options) pending.set(correlation, { stream: named, expected: expectedOf(options), events: [], size: 0, deadline: deadlineOf(options) });
    const append = pending.get(correlation);
    if (!append) return;
    for (const message of request.getProposedMessagesList()) addEvent(append, proposedEvent(message));
    if (append.size > MAX_APPEND_SIZE) {
      pending.delete(correlation);
      answer(append.stream, batchTooLarge(MAX_APPEND_SIZE));
    } else if (request.getIsFinal()) {
      pending.delete(correlation);
      finishBatch(node, call, append, (response) => { answer(append.stream, response); });
    }
  } catch (error) {
    answer(named, batchBadRequest((error as Error).message));
  }
}

function finishBatch(node: NodeState, call: BatchCall, append: PendingAppend, answer: (response: BatchAppendResp) => void): void {
  if (append.deadline <= Date.now()) {
    answer(batchTimeout());
    return;
  }
  const attempt = tryToCommit(node, append);
  if ('failed' in attempt) failBatch(call, attempt.failed, answer);
  else if (!losesAnswer(node, attempt.result, call.getPeer())) answer(batchAnswer(append.expected, attempt.result));
}

/** Some failures are an answer to the append, the rest end the call and all that is on its way in it. */
function failBatch(call: BatchCall, failed: AppendFailure, answer: (response: BatchAppendResp) => void): void {
  if (failed === 'busy') answer(batchBusy());
  else if (failed === 'timeout-before-commit' || failed === 'timeout-after-commit') answer(batchTimeout());
  else call.emit('error', statusOf(failed));
}

/** Streams.Append: one append a call, its options first. */
export function append(node: NodeState): handleClientStreamingCall<AppendReq, AppendResp> {
  return (call, callback) => {
    const pending: PendingAppend = { stream: '', expected: 'any', events: [], size: 0, deadline: Infinity };
    let refused = false;
    const refuse = (code: status, details: string, entries?: Record<string, string>): void => {
      refused = true;
      callback(exception(code, details, entries));
    };
    const receive = (request: AppendReq): void => {
      const options = request.getOptions();
      if (options) Object.assign(pending, { stream: streamName(options.getStreamIdentifier()), expected: expectedOf(options) });
      const message = request.getProposedMessage();
      if (message) addEvent(pending, proposedEvent(message));
      if (pending.size <= MAX_APPEND_SIZE) return;
      refuse(status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_SIZE} Exceeded.`, {
        exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(MAX_APPEND_SIZE),
      });
    };
    call.on('data', (request: AppendReq) => {
      if (refused) return;
      try {
        receive(request);
      } catch (error) {
        refuse(status.INVALID_ARGUMENT, (error as Error).message);
      }
    });
    call.on('end', () => { if (!refused) node.faults.whenRunning(() => { finishAppend(node, pending, call.getPeer(), callback); }); });
  };
}

function finishAppend(node: NodeState, pending: PendingAppend, peer: string, callback: Parameters<ReturnType<typeof append>>[1]): void {
  node.counters.singleAppends += 1;
  const attempt = tryToCommit(node, pending);
  if ('failed' in attempt) callback(statusOf(asStatus(attempt.failed)));
  else if (!losesAnswer(node, attempt.result, peer)) node.faults.answer(() => { callback(null, appendAnswer(pending.expected, attempt.result)); });
}

type BatchCall = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

/** Both messages name the revision their own way. */
function expectedOf(options: AppendReq.Options | BatchAppendReq.Options): ExpectedRevision {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return Number('getRevision' in options ? options.getRevision() : options.getStreamPosition());
}

function deadlineOf(options: BatchAppendReq.Options): number {
  return options.getDeadline()?.toDate().getTime() ?? Infinity;
}

function addEvent(append: PendingAppend, event: ProposedEvent): void {
  append.events.push(event);
  append.size += sizeOf(event);
}

function tryToCommit(node: NodeState, append: PendingAppend): { failed: AppendFailure } | { result: AppendResult } {
  const failed = node.faults.nextAppendFailure();
  if (failed === 'timeout-after-commit') commit(node, append);
  return failed ? { failed } : { result: commit(node, append) };
}

function commit({ rules, counters }: NodeState, { stream, expected, events }: PendingAppend): AppendResult {
  const result = rules.append(stream, expected, events);
  if (!result.ok) counters.wrongRevisions += 1;
  else if (result.repeated) counters.repeated += 1;
  else if (result.last) counters.committed += 1;
  return result;
}

/** The events are stored; whoever asked sees the connection break instead. */
function losesAnswer({ faults, connections, counters }: NodeState, result: AppendResult, peer: string): boolean {
  if (!result.ok || result.repeated || !faults.takesLostAnswer()) return false;
  counters.answersLost += 1;
  connections.dropPeer(peer);
  return true;
}

/** Append has no answers inside its call: there the same come as a status. */
function asStatus(failure: AppendFailure): Failure {
  if (failure === 'busy') return 'unavailable';
  return failure === 'timeout-before-commit' || failure === 'timeout-after-commit' ? 'timeout' : failure;
}
