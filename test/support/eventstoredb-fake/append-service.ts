import {
  status,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type ServerDuplexStream,
} from '@grpc/grpc-js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import {
  appendAnswer,
  batchAccessDenied,
  batchAnswer,
  batchBadRequest,
  batchNotHandled,
  batchTimeout,
  batchTooLarge,
} from './append-answers.js';
import type { AppendResult } from './append-rules.js';
import { addEvent, attempt, expectedOf, MAX_APPEND_SIZE, type PendingAppend } from './appending.js';
import { exception, statusOf, streamDeleted, type Failure } from './failures.js';
import type { AppendFailure } from './faults.js';
import type { NodeState } from './node-state.js';
import { requiresLeader } from './role.js';
import { proposedEvent, streamIdentifier, streamName, uuidText } from './wire.js';

/** The server's WriteTimeoutMs. It limits the wait for the last part of an append, also under a later deadline. */
const WRITE_TIMEOUT_MS = 2_000;

/** Streams.BatchAppend: many appends over one call, each with its correlation id and its answer. */
export function batchAppend(node: NodeState): handleBidiStreamingCall<BatchAppendReq, BatchAppendResp> {
  return (call) => {
    if (node.faults.denial === 'unauthenticated' || node.rights.unauthenticated(call.metadata)) {
      call.emit('error', statusOf('unauthenticated'));
      return;
    }
    const pending = new Map<string, PendingAppend>();
    call.on('data', (request: BatchAppendReq) => {
      node.faults.whenRunning(() => {
        receiveBatch(node, call, pending, request);
      });
    });
    call.on('end', () => {
      node.faults.answer(() => call.end());
    });
    call.on('cancelled', () => {
      for (const { expiry } of pending.values()) clearTimeout(expiry);
    });
  };
}

function receiveBatch(
  node: NodeState,
  call: BatchCall,
  pending: Map<string, PendingAppend>,
  request: BatchAppendReq,
): void {
  const answer = (stream: string, response: BatchAppendResp): void => {
    response.setCorrelationId(request.getCorrelationId()).setStreamIdentifier(streamIdentifier(stream));
    node.faults.answer(() => {
      if (!call.cancelled) call.write(response);
    });
  };
  const options = request.getOptions();
  const named = streamName(options?.getStreamIdentifier());
  try {
    const correlation = uuidText(request.getCorrelationId());
    const refused = options && !pending.has(correlation) ? openBatch(node, call, options, named) : undefined;
    if (refused) {
      answer(named, refused);
      return;
    }
    if (options && !pending.has(correlation)) {
      const append: PendingAppend = {
        stream: named,
        expected: expectedOf(options),
        events: [],
        size: 0,
        needsLeader: requiresLeader(call.metadata),
      };
      pending.set(correlation, append);
      if (!request.getIsFinal())
        append.expiry = expire(options, () => {
          if (pending.delete(correlation)) answer(named, batchTimeout());
        });
    }
    const append = pending.get(correlation);
    if (!append) return;
    for (const message of request.getProposedMessagesList()) addEvent(append, proposedEvent(message));
    const isTooLarge = append.size > MAX_APPEND_SIZE;
    if (!isTooLarge && !request.getIsFinal()) return;
    clearTimeout(append.expiry);
    pending.delete(correlation);
    if (isTooLarge) answer(append.stream, batchTooLarge(MAX_APPEND_SIZE));
    else
      finishBatch(node, call, append, (response) => {
        answer(append.stream, response);
      });
  } catch (error) {
    answer(named, batchBadRequest((error as Error).message));
  }
}

/** The refusal at the first part of an append, if any. The server checks rights and the deadline only there. */
function openBatch(
  node: NodeState,
  call: BatchCall,
  options: BatchAppendReq.Options,
  stream: string,
): BatchAppendResp | undefined {
  if (node.faults.denial || node.rights.denial(call.metadata, stream, '$w')) return batchAccessDenied();
  return timeLeft(options) <= 0 ? batchTimeout() : undefined;
}

function expire(options: BatchAppendReq.Options, late: () => void): NodeJS.Timeout {
  return setTimeout(late, Math.min(timeLeft(options), WRITE_TIMEOUT_MS));
}

function timeLeft(options: BatchAppendReq.Options): number {
  return (options.getDeadline()?.toDate().getTime() ?? Infinity) - Date.now();
}

function finishBatch(
  node: NodeState,
  call: BatchCall,
  append: PendingAppend,
  answer: (response: BatchAppendResp) => void,
): void {
  attempt(node, append, (outcome) => {
    if ('failed' in outcome) failBatch(call, outcome.failed, answer);
    else if (!losesAnswer(node, outcome.result, call.getPeer())) answer(batchAnswer(append.expected, outcome.result));
  });
}

/** Answers some failures to the append alone. The others end the call with all its appends. */
function failBatch(call: BatchCall, failed: AppendFailure, answer: (response: BatchAppendResp) => void): void {
  if (failed === 'busy') answer(batchNotHandled('Server Is Busy'));
  else if (failed === 'not-ready') answer(batchNotHandled('Server Is Not Ready'));
  else if (failed === 'access-denied') answer(batchAccessDenied());
  else if (failed === 'timeout-before-commit' || failed === 'timeout-after-commit') answer(batchTimeout());
  else call.emit('error', statusOf(failed));
}

/** Streams.Append: one append per call, with its options first. */
export function append(node: NodeState): handleClientStreamingCall<AppendReq, AppendResp> {
  return (call, callback) => {
    const pending: PendingAppend = {
      stream: '',
      expected: 'any',
      events: [],
      size: 0,
      needsLeader: requiresLeader(call.metadata),
    };
    const { denial } = node.faults;
    let refused = denial !== undefined;
    if (denial) callback(statusOf(denial));
    const refuse = (code: status, details: string, entries?: Record<string, string>): void => {
      refused = true;
      callback(exception(code, details, entries));
    };
    const receive = (request: AppendReq): void => {
      const options = request.getOptions();
      if (options)
        Object.assign(pending, { stream: streamName(options.getStreamIdentifier()), expected: expectedOf(options) });
      const denied = node.rights.refusal(call.metadata, pending.stream, '$w');
      if (denied) {
        refused = true;
        callback(statusOf(denied));
        return;
      }
      const message = request.getProposedMessage();
      if (message) addEvent(pending, proposedEvent(message));
      if (pending.size <= MAX_APPEND_SIZE) return;
      refuse(status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_SIZE} Exceeded.`, {
        exception: 'maximum-append-size-exceeded',
        'maximum-append-size': String(MAX_APPEND_SIZE),
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
    call.on('end', () => {
      if (!refused)
        node.faults.whenRunning(() => {
          finishAppend(node, pending, call.getPeer(), callback);
        });
    });
  };
}

function finishAppend(
  node: NodeState,
  pending: PendingAppend,
  peer: string,
  callback: Parameters<ReturnType<typeof append>>[1],
): void {
  node.counters.singleAppends += 1;
  attempt(node, pending, (outcome) => {
    if ('failed' in outcome) callback(statusOf(asStatus(outcome.failed)));
    else if (!outcome.result.ok && outcome.result.deleted) callback(streamDeleted(pending.stream));
    else if (!losesAnswer(node, outcome.result, peer))
      node.faults.answer(() => {
        callback(null, appendAnswer(pending.expected, outcome.result));
      });
  });
}

type BatchCall = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

/** Breaks the connection of a stored append if its answer is to be lost. @returns whether it did */
function losesAnswer({ faults, connections, counters }: NodeState, result: AppendResult, peer: string): boolean {
  if (!result.ok || result.repeated || !faults.takesLostAnswer()) return false;
  counters.answersLost += 1;
  connections.dropPeer(peer);
  return true;
}

/** The failure as a status, because Append has no answers inside its call. */
function asStatus(failure: AppendFailure): Failure {
  if (failure === 'busy' || failure === 'not-ready') return 'unavailable';
  return failure === 'timeout-before-commit' || failure === 'timeout-after-commit' ? 'timeout' : failure;
}
