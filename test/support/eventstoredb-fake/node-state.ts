import type { AppendRules } from './append-rules.js';
import type { Connections } from './connections.js';
import type { Faults } from './faults.js';
import type { Log } from './log.js';
import type { Replication } from './replication.js';
import type { Rights } from './rights.js';
import type { Role } from './role.js';
import type { Subscriptions } from './subscriptions.js';

/** What happened, for tests to look at. */
export interface Counters {
  /** Appends that stored something. */
  committed: number;
  /** Appends answered with success because the same events were there. */
  repeated: number;
  /** Repetitions that came before the first one was replicated: dropped. */
  dropped: number;
  /** Appends refused with a wrong revision. */
  wrongRevisions: number;
  /** Appends stored whose answer was lost on purpose. */
  answersLost: number;
  /** Appends that came by Append, not by BatchAppend. */
  singleAppends: number;
  /** Reads begun, subscriptions apart. */
  reads: number;
  /** Records that reads and subscriptions looked at, whether or not a filter let them through. */
  examined: number;
}

/** What the services of one fake share. */
export interface NodeState {
  log: Log;
  rules: AppendRules;
  role: Role;
  rights: Rights;
  replication: Replication;
  faults: Faults;
  connections: Connections;
  subscriptions: Subscriptions;
  counters: Counters;
}
