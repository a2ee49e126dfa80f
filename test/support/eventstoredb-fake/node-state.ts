import type { AppendRules } from './append-rules.js';
import type { Connections } from './connections.js';
import type { Faults } from './faults.js';
import type { Log } from './log.js';
import type { Replication } from './replication.js';
import type { Rights } from './rights.js';
import type { Role } from './role.js';
import type { Subscriptions } from './subscriptions.js';

/** Counts that tests compare. */
export interface Counters {
  /** Appends that stored something. */
  committed: number;
  /** Appends that succeeded because the same events were stored before. */
  repeated: number;
  /** Repetitions that were dropped, because the first append was not replicated yet. */
  dropped: number;
  /** Appends refused with a wrong revision. */
  wrongRevisions: number;
  /** Stored appends whose answer was lost on purpose. */
  answersLost: number;
  /** Appends by Append instead of BatchAppend. */
  singleAppends: number;
  /** Reads that began, without subscriptions. */
  reads: number;
  /** Records that reads and subscriptions tested, whether they passed a filter or not. */
  examined: number;
}

/** The state that the services of one fake share. */
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
