import type { AppendReq, BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendResult, ExpectedRevision } from './append-rules.js';
import type { AppendFailure } from './faults.js';
import type { ProposedEvent } from './log.js';
import type { NodeState } from './node-state.js';
import { sizeOf } from './wire.js';

/** The server's default largest append, in bytes. */
export const MAX_APPEND_SIZE = 1_048_576;
/** How long a follower waits for the leader's answer: PrepareTimeoutMs, CommitTimeoutMs and 300 ms. */
const FORWARD_TIMEOUT_MS = 4_300;

/** An append whose further parts may follow. */
export interface PendingAppend {
  stream: string;
  expected: ExpectedRevision;
  events: ProposedEvent[];
  size: number;
  needsLeader: boolean;
  /** The timer that ends the append if its last part is late. */
  expiry?: NodeJS.Timeout;
}

type Outcome = { failed: AppendFailure } | { result: AppendResult };

/** Appends at this node, or at the leader if this node follows one and the caller does not require the leader. */
export function attempt(node: NodeState, append: PendingAppend, tell: (outcome: Outcome) => void): void {
  const failed = node.role.refusalOfAppend(append.needsLeader) ?? node.faults.nextAppendFailure();
  const { leader } = node.role;
  if (failed) {
    if (failed === 'timeout-after-commit') commit(node, append);
    tell({ failed });
  } else if (!leader) write(node, append, tell);
  else if (leader.role.leads && leader.connections.isOpen)
    leader.faults.whenRunning(() => {
      write(leader, append, tell);
    });
  else
    setTimeout(() => {
      tell({ failed: 'timeout-before-commit' });
    }, FORWARD_TIMEOUT_MS);
}

function write(node: NodeState, append: PendingAppend, tell: (outcome: Outcome) => void): void {
  node.replication.whenKnown(commit(node, append), tell);
}

function commit(
  { rules, counters, replication }: NodeState,
  { stream, expected, events }: PendingAppend,
): AppendResult {
  const result = rules.append(stream, expected, events);
  if (!result.ok) counters.wrongRevisions += 1;
  else if (replication.drops(result)) counters.dropped += 1;
  else if (result.repeated) counters.repeated += 1;
  else if (result.last) counters.committed += 1;
  return result;
}

/** The expected revision of either message, which name it in different ways. */
export function expectedOf(options: AppendReq.Options | BatchAppendReq.Options): ExpectedRevision {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return Number('getRevision' in options ? options.getRevision() : options.getStreamPosition());
}

export function addEvent(append: PendingAppend, event: ProposedEvent): void {
  append.events.push(event);
  append.size += sizeOf(event);
}
